package catalogue_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// Whatever commands are sent, in whatever order, a workflow that is signalled only when Stirs says so knows the recorded stage and
// duties, and its timer fires no later than the next moment.
func TestAWorkflowThatHearsOnlyWhatStirsItMissesNothing(t *testing.T) {
	t.Parallel()
	starts := []func(*desk) *desk{(*desk).drafted, (*desk).submitted, (*desk).scored, (*desk).approved, (*desk).signed, (*desk).rollout, (*desk).settlement}
	told, untold := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		d := rapid.SampledFrom(starts).Draw(r, "start")(newDesk(t))
		people := sortedNames(d.people)
		last, knows := map[flow.Ref]flow.Progress{}, map[flow.Ref]flow.Progress{}
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			d.step(r, people)
			for ref, state := range d.states {
				now := flow.ProgressOf(state)
				switch before := last[ref]; {
				case now.Stirs(before):
					knows[ref] = now
					told++
				case now.Seq > before.Seq:
					untold++
				}
				last[ref] = now
				follows(r, knows[ref], now)
			}
		}
	})
	if told == 0 || untold == 0 {
		t.Errorf("told of %d changes and not told of %d: both should occur", told, untold)
	}
}

func follows(r *rapid.T, knows, now flow.Progress) {
	switch {
	case knows.Stage != now.Stage || knows.Ended != now.Ended || !slices.Equal(knows.Duties, now.Duties):
		r.Fatalf("%s is in %s and owes %v, and its workflow knows of %s and %v", now.Aggregate, now.Stage, now.Duties, knows.Stage, knows.Duties)
	case now.Next != nil && (knows.Next == nil || knows.Next.At.After(now.Next.At)):
		r.Fatalf("%s: the next moment is %+v, and the timer is set to %+v", now.Aggregate, now.Next, knows.Next)
	}
}

func TestWhatStirsAWorkflow(t *testing.T) {
	t.Parallel()
	day := func(n int) calendar.Date { return calendar.On(2018, 5, n) }
	moment := func(n int) *flow.NextMoment {
		return &flow.NextMoment{Moment: flow.Remind, Key: project.AwaitMilestone, At: day(n).At(0, 0)}
	}
	turn := func(n int, commands ...string) []flow.TurnView {
		return []flow.TurnView{{Key: project.AwaitMilestone, Due: day(n), Commands: commands}}
	}
	before := flow.Progress{Seq: 4, Version: 3, Stage: pilot.Rollout, Next: moment(10), Turns: turn(13), Duties: []flow.Duty{{Key: payment.Pay}}}
	cases := []struct {
		name   string
		change func(p *flow.Progress)
		stirs  bool
	}{
		{"nothing but another number", func(p *flow.Progress) { p.Seq, p.Version = 5, 4 }, false},
		{"another whose turn it is", func(p *flow.Progress) { p.Turns = turn(13, "accept-work") }, false},
		{"another stage", func(p *flow.Progress) { p.Stage = project.FinalEvaluation }, true},
		{"the end", func(p *flow.Progress) { p.Ended = true }, true},
		{"a duty more", func(p *flow.Progress) { p.Duties = append(p.Duties, flow.Duty{Key: project.ReportEnd}) }, true},
		{"a duty less, which may be under way", func(p *flow.Progress) { p.Duties = nil }, true},
		{"an earlier moment", func(p *flow.Progress) { p.Next = moment(9) }, true},
		{"a later moment: the timer fires before it", func(p *flow.Progress) { p.Next = moment(11) }, false},
		{"no moment any more: the timer fires in vain", func(p *flow.Progress) { p.Next = nil }, false},
		{"an earlier due day without an earlier moment", func(p *flow.Progress) { p.Turns = turn(12) }, false},
		{"a later due day", func(p *flow.Progress) { p.Turns = turn(14) }, false},
	}
	for _, c := range cases {
		after := before
		after.Duties = slices.Clone(before.Duties)
		c.change(&after)
		if after.Stirs(before) != c.stirs {
			t.Errorf("%s: stirs is %v", c.name, !c.stirs)
		}
	}
	if none := (flow.Progress{}); !before.Stirs(none) {
		t.Error("a new aggregate does not stir its workflow")
	}
}
