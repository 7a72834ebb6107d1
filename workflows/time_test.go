package workflows_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/workflows"
)

// waiting returns News of a pilot whose notice is running and whose next moment is due after the wait.
func waiting(seq int, moment flow.Moment, wait time.Duration) activities.News {
	news := owing(pilot.Notice)
	news.Seq, news.Wait = seq, wait
	news.Next = &flow.NextMoment{Moment: moment, Key: pilot.AwaitNotice, Subject: "ZL-2017-01", Round: 1, At: calendar.On(2017, 11, 28).End()}
	return news
}

func TestTimeTakesEffectWhenItsMomentComes(t *testing.T) {
	t.Parallel()
	later := waiting(6, flow.Lapse, 9*time.Hour)
	nearer := waiting(6, flow.Lapse, 10*time.Minute)
	same := waiting(5, flow.Lapse, 5*time.Hour)
	reread := waiting(6, flow.Lapse, time.Hour-500*time.Millisecond)
	none := owing(pilot.Notice)
	older := waiting(4, flow.Lapse, time.Minute)
	jumped := waiting(5, flow.Lapse, time.Minute)
	jumped.Epoch = 2
	cases := []struct {
		name  string
		first activities.News
		told  *activities.News // sent an hour after the start
		want  time.Duration
	}{
		{"at its moment", waiting(5, flow.Lapse, 2*time.Hour), nil, 2 * time.Hour},
		{"at once when it has passed", waiting(5, flow.Lapse, time.Millisecond), nil, 0},
		{"not within less than twenty milliseconds", waiting(5, flow.Lapse, 2*time.Millisecond), nil, 20 * time.Millisecond},
		{"at a nearer moment that the record tells of", waiting(5, flow.Lapse, 2*time.Hour), &nearer, 70 * time.Minute},
		{"at a later moment that the record tells of", waiting(5, flow.Lapse, 2*time.Hour), &later, 10 * time.Hour},
		{"at the first moment when the record tells of none before", none, &later, 10 * time.Hour},
		{"no later because the same is told again", waiting(5, flow.Lapse, 2*time.Hour), &same, 2 * time.Hour},
		{"no sooner because the same was read a little later", waiting(5, flow.Lapse, 2*time.Hour), &reread, 2 * time.Hour},
		{"no sooner because of what is old", waiting(5, flow.Lapse, 2*time.Hour), &older, 2 * time.Hour},
		{"sooner when the calendar has jumped", waiting(5, flow.Lapse, 2*time.Hour), &jumped, 61 * time.Minute},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, pilot.Kind, c.first)
			if c.told != nil {
				s.tell(time.Hour, *c.told)
			}
			over := ended(pilot.Failed, 9)
			over.Epoch = 2
			s.answer = func(string) (activities.Answer, error) { return activities.Answer{News: over}, nil }
			if err := s.run(t); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.calls, []string{"KeepTime lapse"}) || s.at[0] != c.want {
				t.Errorf("kept time %q at %v, want it once at %v", s.calls, s.at, c.want)
			}
		})
	}
}

func TestATimerStandsWhereItsMomentDoes(t *testing.T) {
	t.Parallel()
	first := waiting(5, flow.Remind, 48*time.Hour)
	none, again, earlier := owing(pilot.Approval), waiting(7, flow.Remind, 46*time.Hour), waiting(7, flow.Remind, 45*time.Hour)
	none.Seq = 6
	cases := []struct {
		name           string
		told           []activities.News // sent an hour apart
		set, cancelled int
	}{
		{"while nothing is to come, and then the same", []activities.News{none, again}, 1, 0},
		{"while something later is to come", []activities.News{waiting(6, flow.Remind, 90*time.Hour)}, 1, 0},
		{"not when something earlier comes", []activities.News{none, earlier}, 2, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, pilot.Kind, first)
			set, cancelled := 0, 0
			s.SetOnTimerScheduledListener(func(string, time.Duration) { set++ })
			s.SetOnTimerCanceledListener(func(string) { cancelled++ })
			for i, news := range c.told {
				s.tell(time.Duration(i+1)*time.Hour, news)
			}
			s.tell(3*time.Hour, ended(pilot.Rejected, 9))
			if err := s.run(t); err != nil {
				t.Fatal(err)
			}
			if set != c.set || cancelled != c.cancelled {
				t.Errorf("%d timers were set and %d cancelled, want %d and %d", set, cancelled, c.set, c.cancelled)
			}
		})
	}
}

func TestNoTimeTakesEffectThatIsNoLongerAwaited(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, waiting(5, flow.Lapse, 2*time.Hour))
	decided := owing(pilot.Approval)
	decided.Seq = 6
	s.tell(time.Hour, decided)
	s.tell(5*time.Hour, ended(pilot.Rejected, 7))
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	if s.calls != nil {
		t.Errorf("did %q", s.calls)
	}
}

func TestATimerThatFiresEarlyWaitsAgainAndNeverSpins(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, waiting(5, flow.Remind, time.Second))
	s.answer = func(string) (activities.Answer, error) {
		if len(s.calls) > 7 {
			return activities.Answer{News: ended(pilot.Failed, 9)}, nil
		}
		return activities.Answer{News: waiting(5, flow.Remind, time.Millisecond), Refused: "not-due"}, nil
	}
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	var gaps []time.Duration
	for i := range s.at[1:] {
		gaps = append(gaps, s.at[i+1]-s.at[i])
	}
	ms := time.Millisecond
	if want := []time.Duration{20 * ms, 40 * ms, 80 * ms, 160 * ms, 250 * ms, 250 * ms, 250 * ms}; !slices.Equal(gaps, want) {
		t.Errorf("waited %v between early answers, want %v", gaps, want)
	}
}

func TestAnEarlyTimerIsSetForTheMomentThatTheRecordTells(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, waiting(5, flow.Remind, time.Hour))
	s.answer = func(string) (activities.Answer, error) {
		if len(s.calls) == 2 {
			return activities.Answer{News: ended(pilot.Failed, 9)}, nil
		}
		return activities.Answer{News: waiting(5, flow.Remind, 3*time.Hour), Refused: "not-due"}, nil // the calendar stood still
	}
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{time.Hour, 4 * time.Hour}; !slices.Equal(s.at, want) {
		t.Errorf("kept time at %v, want %v", s.at, want)
	}
}

func TestOneMomentFollowsAnother(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, waiting(5, flow.Remind, time.Hour))
	s.answer = func(call string) (activities.Answer, error) {
		if call == "KeepTime remind" {
			return activities.Answer{News: waiting(6, flow.Escalate, 24*time.Hour)}, nil
		}
		return activities.Answer{News: ended(pilot.Failed, 7)}, nil
	}
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{time.Hour, 25 * time.Hour}; !slices.Equal(s.at, want) {
		t.Errorf("did %q at %v, want %v", s.calls, s.at, want)
	}
}

func TestARefusedDutyIsTriedAgainEverMorePatiently(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, owing(pilot.Sealing, flow.Duty{Key: pilot.Seal}))
	s.answer = func(string) (activities.Answer, error) {
		if len(s.calls) > 12 {
			return activities.Answer{News: ended(pilot.Archived, 6)}, nil
		}
		return activities.Answer{News: s.news, Refused: "wrong-stage"}, nil
	}
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	first, last := s.at[1]-s.at[0], s.at[len(s.at)-1]-s.at[len(s.at)-2]
	if first != 200*time.Millisecond || last != time.Minute {
		t.Errorf("waited %v first and %v last, want 200ms growing to a minute", first, last)
	}
}

func TestWhatIsNoLongerOwedIsCancelled(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, owing(pilot.Notice, flow.Duty{Key: pilot.PublishNotice, Subject: "1"}))
	s.answer = func(string) (activities.Answer, error) { return activities.Answer{}, errors.New("the page is away") }
	withdrawn := owing(pilot.Approval)
	withdrawn.Seq = 6
	s.tell(90*time.Second, withdrawn)
	s.tell(10*time.Hour, ended(pilot.Withdrawn, 7))
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	if last := s.at[len(s.at)-1]; len(s.calls) < 3 || last > 90*time.Second {
		t.Errorf("tried to publish %d times, last at %v after the beginning, want several and none after 90s", len(s.calls), last)
	}
}

func TestAFaultIsTriedAgainUntilItIsMended(t *testing.T) {
	t.Parallel()
	s := newStage(t, payment.Kind, owing(payment.Instruction, flow.Duty{Key: payment.Instruct}))
	s.answer = func(string) (activities.Answer, error) {
		if len(s.calls) < 10 { // the test environment gives up after ten; Temporal never does
			return activities.Answer{}, errors.New("the bank is away")
		}
		return activities.Answer{News: ended(payment.Posted, 6)}, nil
	}
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
	if first, last := s.at[1]-s.at[0], s.at[9]-s.at[8]; first != time.Second || last != 256*time.Second {
		t.Errorf("asked the bank again after %v first and %v last, want a second, doubled each time", first, last)
	}
}

func TestAnOperatorCanCancelARun(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, waiting(5, flow.Lapse, 2*time.Hour))
	s.RegisterDelayedCallback(s.CancelWorkflow, time.Hour)
	if err := s.run(t); !temporal.IsCanceledError(err) {
		t.Errorf("ended with %v", err)
	}
}

func TestALongHistoryContinuesAsNewWithNothingButItsStart(t *testing.T) {
	t.Parallel()
	s := newStage(t, project.Kind, owing(pilot.Rollout))
	s.SetContinueAsNewSuggested(true)
	var renewed *workflow.ContinueAsNewError
	if err := s.run(t); !errors.As(err, &renewed) {
		t.Fatalf("ended with %v", err)
	}
	if got := string(renewed.Input.Payloads[0].Data); renewed.WorkflowType.Name != workflows.ProjectType || got != `{"id":"`+id+`"}` {
		t.Errorf("continues %s with %s", renewed.WorkflowType.Name, got)
	}
}

func TestALongHistoryContinuesOnlyWhenQuiet(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, owing(pilot.Notice, flow.Duty{Key: pilot.PublishNotice, Subject: "1"}))
	s.SetContinueAsNewSuggested(true)
	s.answer = func(string) (activities.Answer, error) {
		if len(s.calls) < 5 {
			return activities.Answer{}, errors.New("the page is away")
		}
		return activities.Answer{News: waiting(6, flow.Lapse, time.Hour)}, nil
	}
	var renewed *workflow.ContinueAsNewError
	if err := s.run(t); !errors.As(err, &renewed) {
		t.Fatalf("ended with %v", err)
	}
	if len(s.calls) != 5 {
		t.Errorf("continued as new after %d of 5 tries to publish", len(s.calls))
	}
}

func TestALongHistoryContinuesOnlyAfterTimeHasTakenEffect(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, waiting(5, flow.Lapse, time.Hour))
	s.answer = func(string) (activities.Answer, error) {
		if len(s.calls) < 5 {
			return activities.Answer{}, errors.New("the record is away")
		}
		return activities.Answer{News: ended(pilot.Failed, 6)}, nil
	}
	s.RegisterDelayedCallback(func() { s.SetContinueAsNewSuggested(true) }, time.Hour+time.Millisecond) // the moment has come, and the record is away
	s.tell(time.Hour+150*time.Millisecond, waiting(5, flow.Lapse, time.Millisecond))                    // wakes the story in between
	if err := s.run(t); err != nil || len(s.calls) != 5 {
		t.Errorf("ended with %v after %d of 5 tries", err, len(s.calls))
	}
}

func TestALongHistoryThatEndsDoesNotContinue(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, owing(pilot.Sealing, flow.Duty{Key: pilot.Seal}))
	s.SetContinueAsNewSuggested(true)
	if err := s.run(t); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestWhatCancelsAPilotLeavesItsVillages(t *testing.T) {
	t.Parallel()
	s := newStage(t, pilot.Kind, owing(pilot.Rollout, flow.Duty{Key: pilot.StartProject, Subject: id + ".1"}))
	s.answer = func(string) (activities.Answer, error) {
		s.news.Seq++
		s.news.Duties = nil
		return activities.Answer{News: s.news}, nil
	}
	s.RegisterDelayedCallback(s.CancelWorkflow, time.Minute)
	if err := s.run(t); !temporal.IsCanceledError(err) {
		t.Errorf("ended with %v", err)
	}
	if len(s.children) != 1 || s.cancelled > 0 {
		t.Errorf("of %d villages %d were cancelled", len(s.children), s.cancelled)
	}
}

func TestOperatorsFindRunsByStagePlaceAndDueDay(t *testing.T) {
	t.Parallel()
	first := owing(pilot.Notice)
	first.Due = calendar.On(2017, 11, 28)
	for _, indexed := range []bool{true, false} {
		s := newStage(t, pilot.Kind, first)
		var stages []string
		s.OnUpsertTypedSearchAttributes(mock.Anything).Maybe().Return(nil).Run(func(args mock.Arguments) {
			attributes, _ := args.Get(0).(temporal.SearchAttributes)
			stage, _ := attributes.GetKeyword(temporal.NewSearchAttributeKeyKeyword("TerraceStage"))
			due, dated := attributes.GetTime(temporal.NewSearchAttributeKeyTime("TerraceDue"))
			if dated {
				stage += " until " + due.UTC().Format(time.RFC3339)
			}
			stages = append(stages, stage)
		})
		nearer := first
		nearer.Seq, nearer.Due = 6, calendar.On(2017, 11, 20)
		s.tell(time.Minute, nearer)
		undated := owing(pilot.Approval)
		undated.Seq = 7
		s.tell(time.Hour, undated)
		s.tell(2*time.Hour, ended(pilot.Rejected, 8))
		s.ExecuteWorkflow(workflows.PilotType, workflows.Start{ID: id, Indexed: indexed})
		if err := s.GetWorkflowError(); err != nil {
			t.Fatal(err)
		}
		want := []string{"notice until 2017-11-28T16:00:00Z", "approval"} // on entering the stage: no nearer day within it, and no end
		if !indexed {
			want = nil
		}
		if !slices.Equal(stages, want) {
			t.Errorf("indexed %v: upserted %q, want %q", indexed, stages, want)
		}
	}
}
