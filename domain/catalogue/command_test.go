package catalogue_test

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
)

func TestRulesOfEveryStage(t *testing.T) {
	t.Parallel()
	checkRules(t, map[string]ruleCase{
		"nobody outside the panel scores": {
			(*desk).scored, func(d *desk) { d.hire(zhuanglang.ProvinceOfficer, domain.Expert) },
			zhuanglang.ProvinceOfficer, thePilot, "score", &pilot.Score{Proposal: q1}, "wrong-person",
		},
		"an undeclared command is unknown": {
			(*desk).drafted, nil, zhuanglang.CountyOfficer, thePilot, "launch", nil, "unknown-command",
		},
		"a duty that is not owed is not discharged": {
			(*desk).drafted, nil, domain.Workflow.ID, thePilot, "discharge",
			&flow.Discharge{Duty: flow.Duty{Key: pilot.Seal}}, "no-such-duty",
		},
		"a notice is opened for its own round": {
			(*desk).scored, func(d *desk) {
				if err := d.send(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{}); err != nil {
					d.t.Fatal(err)
				}
			},
			domain.Workflow.ID, thePilot, "open-notice", &pilot.OpenNotice{Round: "7"}, "no-such-duty",
		},
	})
}

func TestASenderWhoSawAnOlderVersionIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t).drafted()
	d.do(zhuanglang.CountyOfficer, thePilot, "save-draft", &pilot.SaveDraft{Application: d.pilot().Application})
	c := d.context
	c.Now, c.Actor = d.now, d.people[zhuanglang.CountyOfficer]
	state, seen := d.states[thePilot], flow.RecordOf(d.states[thePilot]).Version
	for version, want := range map[int]domain.Code{seen: "", seen - 1: "stale-version", seen + 1: "stale-version", 0: ""} {
		command := flow.Command{Name: "submit", Aggregate: thePilot, Actor: c.Actor, IfVersion: version, Payload: &pilot.Submit{}}
		_, err := flow.Check(state, command, c)
		if got := refusal(t, err); got != want {
			t.Errorf("having seen version %d of %d: %q, want %q", version, seen, got, want)
		}
	}
	d.on(d.data.Golden["applications_close"])
	if d.awaits(thePilot, pilot.AwaitApplication).Reminded != true || flow.RecordOf(state).Version != seen {
		t.Errorf("a reminder raised the version from %d to %d", seen, flow.RecordOf(state).Version)
	}
}
