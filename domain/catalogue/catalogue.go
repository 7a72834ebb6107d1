// Package catalogue lists every kind of aggregate (业务对象) in Terrace. Code that concerns every kind goes through All, and a new kind is
// a package of its own and one entry in that list.
package catalogue

import (
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// Path returns the HTTP path of a kind's aggregates. It panics for a kind that is not listed.
func Path(kind flow.Kind) string {
	a, err := All.Of(kind)
	if err != nil {
		panic(err)
	}
	return "/v1/" + a.Collection
}

// All lists every kind, in the order of the lifecycle.
var All = flow.NewCatalogue(pilot.Aggregate, project.Aggregate, payment.Aggregate, recovery.Aggregate, difference.Aggregate)
