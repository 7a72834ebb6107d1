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

// All is every kind, in the order of the lifecycle.
var All = flow.NewCatalogue(pilot.Aggregate, project.Aggregate, payment.Aggregate, recovery.Aggregate, difference.Aggregate)
