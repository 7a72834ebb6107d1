// Package catalogue lists every kind of aggregate (业务对象) in Terrace. Code that handles all kinds uses All, so adding a kind takes
// only a package for it and an entry in that list.
package catalogue

import (
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// Path returns the HTTP path of a kind's collection. It panics if the kind is not in All.
func Path(kind flow.Kind) string {
	a, err := All.Of(kind)
	if err != nil {
		panic(err)
	}
	return "/v1/" + a.Collection
}

// All lists every kind in lifecycle order.
var All = flow.NewCatalogue(pilot.Aggregate, project.Aggregate, payment.Aggregate, recovery.Aggregate, difference.Aggregate)
