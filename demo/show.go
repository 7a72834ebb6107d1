package demo

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
)

// Show prints what happens. It shows a progress bar on a terminal, and otherwise prints lines.
type Show struct {
	out io.Writer

	mu    sync.Mutex
	bar   *progressbar.ProgressBar // nil while no bar is shown
	stage flow.Stage
	said  map[string]bool
	today calendar.Date
}

// NewShow returns a Show that prints to out.
func NewShow(out io.Writer) *Show {
	s := &Show{out: out, said: map[string]bool{}}
	if f, ok := out.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		golden := zhuanglang.Read().Golden
		s.bar = progressbar.NewOptions(golden["call"].DaysUntil(golden["announcement"]), progressbar.OptionSetWriter(out), progressbar.OptionSetWidth(30),
			progressbar.OptionSetPredictTime(false), progressbar.OptionUseANSICodes(true), progressbar.OptionShowDescriptionAtLineEnd())
	}
	return s
}

// Say prints a line in both languages, unless the same line has been printed before.
func (s *Show) Say(zh, en string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said[zh] {
		return
	}
	s.said[zh] = true
	day := "          "
	if !s.today.IsZero() {
		day = s.today.String()
	}
	s.line(fmt.Sprintf("  %s  · %s / %s", day, zh, en))
}

func (s *Show) line(text string) {
	if s.bar != nil {
		_ = s.bar.Clear() // display only, here and below
		defer func() { _ = s.bar.RenderBlank() }()
	}
	_, _ = fmt.Fprintln(s.out, text)
}

// progress moves the bar to the calendar's current date and shows the stage of each village's project.
func (s *Show) progress(w *world, data *zhuanglang.Data) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.today = calendar.Of(w.now)
	if w.pilot.Stage != s.stage {
		s.stage = w.pilot.Stage
		name := catalogue.All.StageName(s.stage)
		s.line(fmt.Sprintf("  %s  %s / %s", s.today, name.ZH, name.EN))
	}
	if s.bar == nil {
		return
	}
	var villages []string
	for _, p := range w.projects {
		if p.ID != "" {
			villages = append(villages, catalogue.All.StageName(p.Stage).ZH)
		}
	}
	s.bar.Describe(fmt.Sprintf("%s  %s", s.today, strings.Join(villages, " ")))
	_ = s.bar.Set(min(data.Golden["call"].DaysUntil(s.today), s.bar.GetMax()))
}

// end removes the bar.
func (s *Show) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar != nil {
		_ = s.bar.Clear()
		s.bar = nil
	}
}

// quiet lists the events that Story omits because they add nothing to the story.
var quiet = map[string]bool{
	"reminded": true, "escalated": true, "discharged": true, "scored": true, "agreement-signed": true, "finality-due": true,
	"tranche-due": true, "released": true, "instructed": true, "work-accepted": true, "closing-opened": true, "village-ended": true,
}

// group is a set of events with the same name on the same date in several villages.
type group struct {
	on    calendar.Date
	title string
	count int
	moved map[string]money.Fen
	order []string
	notes []string
}

// Story prints the timeline, with the amounts moved. Identical events on the same date share a line, however many
// villages they concern.
func (s *Show) Story(events []Event) {
	s.end()
	var groups []*group
	index := map[string]*group{}
	for _, e := range events {
		if quiet[e.Name] || (e.Aggregate.Kind == payment.Kind && e.Name == "opened") {
			continue
		}
		key := e.On.String() + "/" + string(e.Aggregate.Kind) + "/" + e.Name
		g := index[key]
		if g == nil {
			g = &group{on: e.On, title: e.Title.ZH + " / " + e.Title.EN, moved: map[string]money.Fen{}}
			index[key] = g
			groups = append(groups, g)
		}
		g.add(e)
	}
	for _, g := range groups {
		times := ""
		if g.count > 1 {
			times = fmt.Sprintf(" ×%d", g.count)
		}
		_, _ = fmt.Fprintf(s.out, "  %s  %s%s%s\n", g.on, g.title, times, g.money())
		for _, note := range g.notes {
			_, _ = fmt.Fprintf(s.out, "                · %s\n", note)
		}
	}
}

func (g *group) add(e Event) {
	g.count++
	g.notes = append(g.notes, notes(e)...)
	for _, l := range e.Lines {
		if l.Fen <= 0 {
			continue
		}
		if _, seen := g.moved[l.Account]; !seen {
			g.order = append(g.order, l.Account)
		}
		g.moved[l.Account] += l.Fen
	}
}

func (g *group) money() string {
	var parts []string
	for _, account := range g.order {
		kind, _ := ledger.KindOfAccount(account) // the ledger has no others
		parts = append(parts, fmt.Sprintf("%s 元 → %s / %s", g.moved[account], kind.Title.ZH, kind.Title.EN))
	}
	if len(parts) == 0 {
		return ""
	}
	return "   [" + strings.Join(parts, "; ") + "]"
}
