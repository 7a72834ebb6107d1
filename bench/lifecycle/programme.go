package lifecycle

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/place"
	"terrace/programmes"
)

// programmeID is the id of the benchmark's rules.
const programmeID = "bench"

// rulesOn returns the demonstration's rules moved to the present, with a shorter approval chain and a fund that does
// not run out. It also writes them as YAML to the folder, from which “terrace api” and “terrace worker” read them.
func rulesOn(today calendar.Date, folder string) (*programmes.Set, error) {
	builtin, err := programmes.Builtin()
	if err != nil {
		return nil, err
	}
	base, err := builtin.Find(zhuanglang.Read().Programme, 1)
	if err != nil {
		return nil, err
	}
	own := *base
	own.ID = programmeID
	own.Call.Value = callBefore(today)
	own.Effective = own.Call.Value
	own.MidTerm.Value, own.RolloutEnds.Value, own.Announcement.Value = today.AddDays(200), today.AddDays(400), today.AddDays(600)
	own.Chain.Value = []place.Level{place.County}
	own.Panel.MinSize.Value = 1
	own.Fund.TotalFen.Value = money.Fen(50_000_000_000_000)
	own.Tranches = slices.Clone(base.Tranches)
	own.Tranches[1].Milestones, own.Tranches[2].Milestones = []string{"M1"}, []string{"M2"}
	text, err := yaml.Marshal(&own)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(folder, programmeID+".yaml"), text, 0o600); err != nil {
		return nil, err
	}
	set, err := programmes.Read(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("the programme of the measurements: %w", err)
	}
	return builtin.With(set)
}

// callBefore returns the date on which applications opened, early enough for a notice that began then to have ended by
// today.
func callBefore(today calendar.Date) calendar.Date {
	day, _ := calendar.Published().AddWorkdays(today, -(noticeTerm + 2))
	return day
}

// noticeTerm is the length of a public notice in working days.
const noticeTerm = 7

// payday returns today or, if today is not a working day, the last one before: payments are sent only on working days.
func payday(now time.Time) (day calendar.Date, isToday bool) {
	today := calendar.Of(now)
	if workday, _ := calendar.Published().Workday(today); workday {
		return today, true
	}
	day, _ = calendar.Published().AddWorkdays(today, -1)
	return day, false
}
