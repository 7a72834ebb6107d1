// Package catalogue lists the kinds of aggregates (业务对象) that Terrace decides about. Whatever concerns every kind goes through
// All; a new kind is a package of its own and a line here.
package catalogue

import (
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// Path is where the aggregates of a kind are reached over HTTP. It panics for a kind that is not listed.
func Path(kind flow.Kind) string {
	a, err := All.Of(kind)
	if err != nil {
		panic(err)
	}
	return "/v1/" + a.Collection
}

// All is every kind, in the order of the lifecycle.
var All = flow.NewCatalogue(pilot.Aggregate, project.Aggregate, payment.Aggregate, recovery.Aggregate, difference.Aggregate)
