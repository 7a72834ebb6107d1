package rules

import (
	"fmt"
	"slices"
	"strings"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
)

// lifecyclePage returns docs/lifecycle.md: a table of all waits with their exits, and a diagram of the stages of each kind of
// aggregate.
func (b Book) lifecyclePage() string {
	p := begin("Lifecycle 试点流程",
		"Who has to act in each stage, by when, what happens after the deadline, and where each command leads. "+
			"Each aggregate declares its table once, in its `lifecycle.go` ([the pilot's](../domain/pilot/lifecycle.go), for example); timers, permissions and turns are derived from it.",
		"After a **hard** deadline, commands are refused, and the consequence takes effect automatically. After a **soft** deadline, commands are still accepted but marked late. "+
			"A **standing** row is open throughout its stages, in addition to the turns: it is nobody's turn and has no deadline.",
		"各阶段由谁办理、何时到期、逾期后果，以及各项操作的去向。每类业务对象在各自的 `lifecycle.go` 中声明一次（例如[试点的](../domain/pilot/lifecycle.go)）；定时、权限和当前由谁办理均由此得出。",
		"**硬期限**届满后不再受理，逾期后果自动发生。**软期限**届满后仍受理，但标记为逾期。**常设**的一行在所列阶段内始终可以办理，与待办事项并行，不列为任何人的待办，也没有期限。")
	for _, a := range catalogue.All.Aggregates() {
		p.line("## %s\n", beside(a.Title))
		p.line("```mermaid\nstateDiagram-v2")
		diagram(p, a.Steps)
		p.line("```\n")
		p.table("Row", "Turn 待办", "In the stage 阶段", "Who 办理人", "Due 期限", "After the deadline 逾期后果", "Exits 操作 → 去向")
		for _, w := range b.Waits {
			if w.Aggregate == a.Kind {
				p.row(fmt.Sprint(w.Row), fmt.Sprintf(`<a id="%s"></a>%s`, w.Key, both(w.Title)), stages(w.Stages), awaited(w), b.due(w), both(w.Consequence), exits(w))
			}
		}
		p.line("")
	}
	return p.String()
}

// diagram draws the steps as a diagram. Steps between the same two stages share one arrow.
func diagram(p *page, steps []flow.Step) {
	id := func(s flow.Stage) string {
		if s == "" {
			return "[*]"
		}
		return strings.ReplaceAll(string(s), "-", "_")
	}
	var named []flow.Stage
	words := map[[2]flow.Stage][]string{}
	var arrows [][2]flow.Stage
	for _, s := range steps {
		if arrow := [2]flow.Stage{s.From, s.To}; words[arrow] == nil {
			arrows = append(arrows, arrow)
		}
		by := s.By
		if wait, lapses := strings.CutSuffix(by, "/lapse"); lapses {
			by = wait + " passes"
		}
		words[[2]flow.Stage{s.From, s.To}] = append(words[[2]flow.Stage{s.From, s.To}], by)
		if !slices.Contains(named, s.To) {
			named = append(named, s.To)
			p.line("  state \"%s\" as %s", beside(catalogue.All.StageName(s.To)), id(s.To))
		}
	}
	for _, arrow := range arrows {
		p.line("  %s --> %s: %s", id(arrow[0]), id(arrow[1]), strings.Join(words[arrow], ", "))
	}
	for _, stage := range named {
		if !slices.ContainsFunc(steps, func(s flow.Step) bool { return s.From == stage }) {
			p.line("  %s --> [*]", id(stage))
		}
	}
}

func stages(all []flow.Stage) string {
	var names []string
	for _, s := range all {
		names = append(names, beside(catalogue.All.StageName(s)))
	}
	return strings.Join(names, "<br>")
}

func awaited(w flow.Wait) string {
	if w.ByItself() {
		return beside(w.Who.Seat.Name)
	}
	var roles []string
	for _, r := range w.Who.Roles {
		roles = append(roles, beside(domain.Roles[r]))
	}
	seat := w.Who.Seat.Name
	if w.Who.Seat == flow.Anyone {
		seat = t("均属本记录", "each as the record names them")
	}
	return strings.Join(roles, "<br>") + "<br>(" + beside(seat) + ")"
}

// due describes how the due date of a wait is determined, and whether it is hard.
func (b Book) due(w flow.Wait) string {
	set := []string{both(w.Due)}
	if w.Term.Key != "" {
		set = []string{mono(w.Term.Key)}
		for _, v := range b.values("terms." + string(w.Term.Key)) {
			set = append(set, b.humane(v))
		}
	}
	switch {
	case w.Standing:
		set = append(set, "standing 常设")
	case w.Hard:
		set = append(set, "hard 硬期限")
	case !w.ByItself():
		set = append(set, "soft 软期限")
	}
	return strings.Join(set, "<br>")
}

func exits(w flow.Wait) string {
	var all []string
	for _, e := range w.Exits {
		var leads []string
		for _, s := range e.Leads {
			leads = append(leads, beside(catalogue.All.StageName(s)))
		}
		line := mono(e.Command)
		if len(leads) > 0 {
			line += " → " + strings.Join(leads, ", ")
		}
		all = append(all, line)
	}
	return strings.Join(all, "<br>")
}
