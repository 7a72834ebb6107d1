package postgres_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/postgres"
)

const longLease = time.Minute

// claim waits out the quiet time and claims all pending deliveries.
func (r *record) claim(lease time.Duration) (claimed []postgres.Delivery) {
	r.t.Helper()
	eventually(r.t, "something is to be delivered", func() bool {
		var err error
		claimed, err = r.Claim(r.t.Context(), 10, lease)
		must(r.t, err)
		return len(claimed) > 0
	})
	return claimed
}

// waiting returns the number of deliveries that are waiting or under way.
func (r *record) waiting() int { r.t.Helper(); return one[int](r, "select count(*) from outbox") }

func TestABurstIsDeliveredOnceWithTheNewestProgress(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	r.do(zhuanglang.CountyOfficer, "submit", ref, &pilot.Submit{})
	claimed := r.claim(longLease)
	if len(claimed) != 1 || claimed[0].Ref != ref || claimed[0].News.Progress.Stage != pilot.Eligibility || claimed[0].Since.IsZero() {
		t.Fatalf("claimed %+v", claimed)
	}
	if again, err := r.another().Claim(t.Context(), 10, longLease); err != nil || len(again) != 0 {
		t.Errorf("another process claimed the same: %v, %v", again, err)
	}
	must(t, r.Delivered(t.Context(), claimed))
	if n := r.waiting(); n != 0 {
		t.Errorf("%d deliveries are left", n)
	}
}

func TestAnAggregateThatChangedDuringItsDeliveryIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	first := r.claim(longLease)
	r.do(zhuanglang.CountyOfficer, "submit", ref, &pilot.Submit{})
	if early, err := r.Claim(t.Context(), 10, longLease); err != nil || len(early) != 0 {
		t.Errorf("claimed %v while the first is under way, %v", early, err)
	}
	must(t, r.Delivered(t.Context(), first))
	second := r.claim(longLease)
	if second[0].Version <= first[0].Version || second[0].News.Progress.Stage != pilot.Eligibility {
		t.Errorf("then claimed %+v", second)
	}
	must(t, r.Delivered(t.Context(), first)) // late, by another process
	if n := r.waiting(); n != 1 {
		t.Errorf("an old delivery removed the new one: %d left", n)
	}
	must(t, r.Delivered(t.Context(), second))
	if n := r.waiting(); n != 0 {
		t.Errorf("%d deliveries are left", n)
	}
}

func TestALeaseThatRanOutIsClaimedAgain(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.drafted()
	first := r.claim(time.Millisecond)
	second := r.claim(longLease)
	if second[0].Version != first[0].Version || !second[0].Since.Equal(first[0].Since) {
		t.Errorf("claimed %+v, then %+v", first, second)
	}
}

func TestAnAggregateThatKeepsChangingIsStillDelivered(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.drafted()
	_, err := r.Claim(t.Context(), 10, time.Millisecond) // the first claim connects, which takes time
	must(t, err)
	tests := []struct {
		name, since, changed string
		claimed              int
	}{
		{"just changed: not yet", "0", "0", 0},
		{"quiet for a while", "1 second", "1 second", 1},
		{"changing for more than two seconds", "3 seconds", "0", 1},
	}
	for _, test := range tests {
		r.sql(fmt.Sprintf(`update outbox set leased_until = null,
			since = clock_timestamp() - interval '%s', changed_at = clock_timestamp() - interval '%s'`, test.since, test.changed))
		claimed, err := r.Claim(t.Context(), 10, time.Millisecond)
		must(t, err)
		if len(claimed) != test.claimed {
			t.Errorf("%s: claimed %v", test.name, claimed)
		}
	}
}

func TestWhoHearsOfAChange(t *testing.T) {
	t.Parallel()
	r := open(t)
	clear := func() { r.sql("delete from outbox") }
	heard := func(rule string, want int) {
		t.Helper()
		if got := r.waiting(); got != want {
			t.Errorf("%s: %d deliveries, want %d", rule, got, want)
		}
		clear()
	}
	ref := r.drafted()
	heard("a creation is news", 1)
	r.execute(r.saveDraft(ref, "甲"))
	heard("a draft that is saved changes nothing for the workflow", 0)
	r.do(zhuanglang.CountyOfficer, "submit", ref, &pilot.Submit{})
	heard("another stage is news", 1)
	facts, err := r.OrganizationFacts(t.Context(), r.creditCodes())
	must(t, err)
	r.do(domain.Workflow.ID, "record-checks", ref, &pilot.RecordChecks{Facts: facts})
	heard("what the workflow did itself it knows from the answer", 0)
	r.do(zhuanglang.CountyOfficer, "withdraw", ref, &pilot.Withdraw{Reason: "改期"})
	heard("the end is news", 1)
	_, projectRef, paymentRef := r.inPayment()
	if one[int](r, "select count(*) from outbox where kind in ('project', 'payment')") != 2 {
		t.Error("a project or payment opened by a workflow is not news to its own workflow")
	}
	clear()
	r.do(zhuanglang.CountyFinance, "release", paymentRef, &payment.ReleasePayment{})
	heard("the first of two releases is no news: whose turn it is concerns people", 0)
	r.do(zhuanglang.CountyApprover, "release", paymentRef, &payment.ReleasePayment{})
	heard("the second release is news: the bank is to be instructed", 1)
	r.do(zhuanglang.CountyApprover, "terminate", projectRef, &project.Terminate{Reason: "组织停止活动"})
	heard("a termination is news", 1)
}

func TestAnEarlierMomentIsNewsEvenWithinAStage(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, projectRef := r.rollingOut()
	r.sql("delete from outbox")
	r.do(zhuanglang.OrganizationPerson(r.demo.Projects[0].Code), "report-spending", projectRef,
		&project.ReportSpending{Receipts: []project.Invoice{r.receipt("materials", 1_000, project.FromGrant, "A-1")}})
	if got := r.waiting(); got != 1 {
		t.Errorf("the reminder to finance comes within its ten working days: %d deliveries, want 1", got)
	}
	r.sql("delete from outbox")
	r.do(zhuanglang.CountyFinance, "judge-spending", projectRef, &project.JudgeSpending{Report: 1})
	if got := r.waiting(); got != 0 {
		t.Errorf("the workflow learns of a later day from its timer: %d deliveries, want none", got)
	}
}

func TestTheRelayLeavesANewChildToItsParent(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, _, paymentRef := r.inPayment()
	r.sql("delete from outbox where kind <> 'payment'")
	if one[int](r, "select count(*) from outbox where leased_until > clock_timestamp() + interval '1 second'") != 1 {
		t.Error("the relay does not leave time for the parent to start the workflow")
	}
	r.sql("update outbox set leased_until = clock_timestamp()") // the lease expires, and no workflow has read the news
	unread := r.claim(time.Millisecond)
	if len(unread) != 1 || unread[0].Ref != paymentRef {
		t.Errorf("claimed %+v", unread)
	}

	news, err := r.Learn(t.Context(), paymentRef)
	must(t, err)
	if news.Progress.Stage != payment.Release || r.waiting() != 0 {
		t.Errorf("read %s, and %d deliveries are left", news.Progress.Stage, r.waiting())
	}
	r.do(zhuanglang.CountyFinance, "release", paymentRef, &payment.ReleasePayment{})
	r.do(zhuanglang.CountyApprover, "release", paymentRef, &payment.ReleasePayment{})
	if got := r.claim(longLease); got[0].News.Progress.Stage != payment.Instruction {
		t.Errorf("then claimed %+v", got)
	}
	if _, err := r.Learn(t.Context(), flow.Ref{Kind: payment.Kind, ID: "none"}); err == nil {
		t.Error("an aggregate that does not exist has news")
	}
}

func TestANeglectedAggregateResurfaces(t *testing.T) {
	t.Parallel()
	r := open(t)
	quiet := r.drafted()
	owing := r.drafted()
	r.do(zhuanglang.CountyOfficer, "submit", owing, &pilot.Submit{})
	r.sql("delete from outbox")
	resurface := func(rule string, want int) {
		t.Helper()
		n, err := r.Resurface(t.Context())
		must(t, err)
		if n != want {
			t.Errorf("%s: %d, want %d", rule, n, want)
		}
	}
	resurface("a duty just owed is being done", 0)
	r.sql("update aggregate set written_at = written_at - interval '1 minute'")
	resurface("a duty that nobody does", 1)
	resurface("what waits to be delivered already", 0)
	if got := r.claim(longLease); got[0].Ref != owing {
		t.Errorf("came up: %v", got)
	}

	news, err := r.News(t.Context(), quiet)
	must(t, err)
	r.setClock(news.Progress.Next.At)
	resurface("a moment that has come", 1)
}

func TestAnUnreadableAggregateDoesNotBlockDeliveries(t *testing.T) {
	t.Parallel()
	r := open(t)
	broken, sound := r.drafted(), r.drafted()
	r.sql("update aggregate set state = '[]' where id = '"+broken.ID+"'", "update outbox set since = since - interval '1 hour', changed_at = changed_at - interval '1 hour'")
	if claimed := r.claim(time.Millisecond); len(claimed) != 1 || claimed[0].Ref != sound {
		t.Fatalf("claimed %+v", claimed)
	} else {
		must(t, r.Delivered(t.Context(), claimed))
	}
	eventually(t, "it is told", func() bool {
		_, err := r.Claim(t.Context(), 10, time.Millisecond)
		return err != nil && strings.Contains(err.Error(), broken.ID)
	})
}
