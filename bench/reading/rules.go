package reading

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
	"terrace/domain/programme"
	"terrace/programmes"
)

// start is when pilots apply. Each year's programme calls for applications in March and, in its second version, in
// September. One more call is so recent that its notices are running now.
type start struct {
	year, version int
	call          calendar.Date
	notice        bool // the pilots stay on public notice
}

func (s start) programme() string { return fmt.Sprintf("bench-%d", s.year) }

// starts returns the calls of the years before now, oldest first.
func starts(now time.Time) (all []start) {
	last := now.Year() - 1
	for year := last - years + 1; year <= last; year++ {
		for version, month := range []time.Month{time.March, time.September} {
			all = append(all, start{year: year, version: version + 1, call: workday(calendar.On(year, month, 10))})
		}
	}
	recent := workday(calendar.Of(now).AddDays(-1))
	return append(all, start{year: last, version: 3, call: recent, notice: true})
}

// workday returns the date itself, or the next working day.
func workday(day calendar.Date) calendar.Date {
	for {
		if works, _ := calendar.Published().Workday(day); works {
			return day
		}
		day = day.AddDays(1)
	}
}

// rulesOf returns the demonstration's rules for each call, with a shorter approval chain and a fund that does not run
// out. It also writes them as YAML to the folder, from which “terrace api” reads them.
func rulesOf(all []start, folder string) (*programmes.Set, error) {
	builtin, err := programmes.Builtin()
	if err != nil {
		return nil, err
	}
	base, err := builtin.Find(zhuanglang.Read().Programme, 1)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		text, err := yaml.Marshal(ruleSet(base, s))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d.yaml", s.programme(), s.version)), text, 0o600)
		}
		if err != nil {
			return nil, err
		}
	}
	set, err := programmes.Read(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("the programmes of the measurements: %w", err)
	}
	return builtin.With(set)
}

func ruleSet(base *programme.Programme, s start) *programme.Programme {
	own := *base
	own.ID, own.Version = s.programme(), s.version
	own.Call.Value, own.Effective = s.call, s.call
	own.MidTerm.Value, own.RolloutEnds.Value, own.Announcement.Value = s.call.AddDays(250), s.call.AddDays(500), s.call.AddDays(700)
	own.Chain.Value = []place.Level{place.County}
	own.Panel.MinSize.Value = 1
	own.Fund.TotalFen.Value = money.Fen(50_000_000_000_000)
	own.Tranches = slices.Clone(base.Tranches)
	own.Tranches[1].Milestones, own.Tranches[2].Milestones = []string{"M1"}, []string{"M2"}
	return &own
}
