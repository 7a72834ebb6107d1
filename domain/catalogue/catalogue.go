// Package catalogue lists every kind of aggregate (业务对象) in Terrace. Code that deals with all kinds reads All, so a new kind needs
// only a package of its own and an entry in that list.
package catalogue

import (
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// Path returns the HTTP path under which a kind's aggregates are found. It panics if the kind is not listed.
func Path(kind flow.Kind) string {
	a, err := All.Of(kind)
	if err != nil {
		panic(err)
	}
	return "/v1/" + a.Collection
}

// All lists every kind, in the order of the lifecycle.
var All = flow.NewCatalogue(pilot.Aggregate, project.Aggregate, payment.Aggregate, recovery.Aggregate, difference.Aggregate)
