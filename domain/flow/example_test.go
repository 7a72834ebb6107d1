package flow_test

import (
	"fmt"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/flow"
)

// Reconciliation has found a payment whose amount at the bank differs from the ledger. A finance officer has five working days to
// explain the difference, and nobody else may do so.
func ExampleJudge() {
	county := "620825"
	state := difference.Aggregate.New("difference-1")
	send := func(by domain.Actor, name string, payload flow.Payload) {
		monday := calendar.On(2018, time.May, 7).At(9, 0)
		c := flow.Context{Now: monday, Actor: by, Calendar: calendar.Published()}
		decision, err := flow.Judge(state, flow.Command{Actor: by, Name: name, Payload: payload}, c)
		if err != nil {
			fmt.Println("refused:", err)
			return
		}
		fmt.Println(decision.Names(), "stage", decision.After.Stage, "due", decision.After.Due())
	}
	send(domain.Workflow, "open", &difference.OpenDifference{What: difference.AmountDiffers, Home: county})
	explanation := &difference.ExplainDifference{Explanation: "the bank charged a fee"}
	send(domain.Actor{ID: "auditor", Roles: []domain.Role{domain.Auditor}}, "explain", explanation)
	send(domain.Actor{ID: "finance", Roles: []domain.Role{domain.Finance}, Place: county}, "explain", explanation)
	// Output:
	// [found] stage inspection due 2018-05-14
	// refused: wrong-role: Only a finance officer can do this (your role: auditor)
	// [explained] stage explained due
}
