package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// tranches checks that each tranche that fell due was paid in full by one attempt, that a tranche of a terminated
// project was paid at most once, and that no other tranche was paid.
func (c *checker) tranches(context.Context) error {
	attempts := map[string][]*payment{}
	for _, p := range c.payments {
		attempts[p.tranche()] = append(attempts[p.tranche()], p)
	}
	for _, plan := range c.plans {
		id := c.drafted[intentKey{plan.Actor, plan.Key}]
		if id == "" {
			c.find(EndedAsMeant, plan.Key, "was never drafted")
			continue
		}
		c.Counts["pilots"]++
		c.Counts["pilots "+plan.Kind]++
		for tranche, due := range c.dueOf(id, plan) {
			c.paid(tranche, due, attempts[tranche])
			delete(attempts, tranche)
		}
	}
	for tranche := range attempts {
		c.find(PaidAsMeant, tranche, "was paid, or tried to, and nobody meant it")
	}
	return nil
}

// due is the amount that must have been paid for a tranche.
type due struct {
	fen    int64
	always bool // otherwise the tranche is paid at most once
}

func (c *checker) dueOf(id string, plan Plan) map[string]due {
	all := map[string]due{}
	if plan.Paid {
		all[id+".e"] = due{plan.Evaluator, true}
	}
	for i, grant := range plan.Grants {
		for n, permille := range plan.Shares {
			all[fmt.Sprintf("%s.%d.%d", id, i+1, n+1)] = due{grant * int64(permille) / 1000, !slices.Contains(plan.Stops, i+1)}
		}
	}
	return all
}

func (c *checker) paid(tranche string, want due, attempts []*payment) {
	stands := 0
	for _, p := range attempts {
		if p.Fen != want.fen {
			c.find(PaidAsMeant, p.ID, "pays %d fen instead of %d", p.Fen, want.fen)
		}
		switch p.stage() {
		case final:
			stands++
		case posted, underWay:
			c.find(PaidAsMeant, p.ID, "has not ended: %s", p.stage())
		case voided, returned:
		}
	}
	c.Counts["payments"] += stands
	if stands > 1 || stands == 0 && want.always {
		c.find(PaidAsMeant, tranche, "is paid for good %d times in %d attempts", stands, len(attempts))
	}
}

// ends checks that every pilot and its projects ended as planned.
func (c *checker) ends(context.Context) error {
	for _, plan := range c.plans {
		id := c.drafted[intentKey{plan.Actor, plan.Key}]
		a := c.aggregates[ref{"pilot", id}]
		if plan.Stage != "" && a.Stage != plan.Stage {
			c.find(EndedAsMeant, ref{"pilot", id}, "is %s and should be %s", a.Stage, plan.Stage)
		}
		for i := range plan.Grants {
			project := ref{"project", fmt.Sprintf("%s.%d", id, i+1)}
			stage, want := c.aggregates[project].Stage, "rollout"
			switch {
			case slices.Contains(plan.Stops, i+1):
				want = "terminated"
			case plan.Archived:
				want = "closed"
			case len(plan.Shares) == 0:
				continue
			}
			if stage != want {
				c.find(EndedAsMeant, project, "is %s and should be %s", stage, want)
			}
		}
	}
	return nil
}

// notices checks that each notice required by a review was published once, that every proposal on it was cleared once,
// and that none is still open.
func (c *checker) notices(ctx context.Context) error {
	for _, plan := range c.plans {
		r := ref{"pilot", c.drafted[intentKey{plan.Actor, plan.Key}]}
		want := 0
		if plan.Noticed {
			want = 1
		}
		if n := c.count(r, "notice-opened"); n != want {
			c.find(NoticeOnce, r, "has %d notices and should have %d", n, want)
		}
		if n := c.count(r, "cleared"); n != want*len(plan.Grants) {
			c.find(NoticeOnce, r, "has %d of %d proposals cleared", n, want*len(plan.Grants))
		}
		c.Counts["notices"] += want
	}
	type standing struct{ Pilot, Proposal string }
	return each(ctx, c.record, func(s standing) { c.find(NoticeOnce, s.Pilot+" "+s.Proposal, "still stands on notice") },
		`select pilot, proposal from notice_row`)
}

// stuck checks that no delivery is pending, no duty is owed, and nothing due was left undone. The calendar is stopped.
func (c *checker) stuck(ctx context.Context) error {
	type left struct{ Kind, ID, Why string }
	return each(ctx, c.record, func(l left) { c.find(Stuck, ref{l.Kind, l.ID}, "%s", l.Why) }, `
		select kind, id, 'has news that no workflow got' from outbox
		union all select kind, id, 'is owed a duty' from aggregate where owes
		union all select kind, id, 'waits since ' || next_at from aggregate where not ended and next_at <= terrace_now()`)
}

// workflowOf returns the id of an aggregate's workflow.
func workflowOf(r ref) string {
	if r.Kind == "payment" {
		return "disbursement/" + r.ID
	}
	return r.String()
}

// running is Temporal's number for the status of a running workflow.
const running = 2

// workflows checks that one workflow is running for every open aggregate, and none for any that has ended.
func (c *checker) workflows(ctx context.Context) error {
	if c.Temporal == "" {
		return nil
	}
	runs, err := c.runs(ctx)
	if err != nil {
		return err
	}
	for r, a := range c.aggregates {
		n := runs[workflowOf(r)]
		delete(runs, workflowOf(r))
		switch {
		case !a.Ended && n == 0:
			c.find(WorkflowOne, r, "is %s, open, and no workflow runs for it", a.Stage)
		case a.Ended && n > 0:
			c.find(WorkflowOne, r, "is %s, has ended, and a workflow runs for it", a.Stage)
		case n > 1:
			c.find(WorkflowOne, r, "has %d running workflows", n)
		}
		c.Counts["workflows running"] += n
	}
	for id := range runs {
		if strings.Contains(id, "/") {
			c.find(WorkflowOne, id, "runs for nothing that the record knows")
		}
	}
	return nil
}
