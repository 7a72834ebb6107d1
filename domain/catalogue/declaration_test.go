package catalogue_test

import (
	"slices"
	"testing"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/project"
)

func TestEveryExitIsADeclaredCommandAndEveryCommandHasAnExit(t *testing.T) {
	t.Parallel()
	admitted := map[[2]string]bool{}
	for _, w := range catalogue.All.Waits() {
		for _, e := range w.Exits {
			if _, err := catalogue.All.Find(w.Aggregate, e.Command); err != nil {
				t.Errorf("wait %s: no command %q", w.Key, e.Command)
			}
			admitted[[2]string{string(w.Aggregate), e.Command}] = true
		}
	}
	for _, d := range catalogue.All.Commands() {
		everywhere := d.Creates || d.AnyTime()
		if !everywhere && !admitted[[2]string{string(d.Aggregate), d.Name}] {
			t.Errorf("no wait admits %s %s", d.Aggregate, d.Name)
		}
	}
}

func TestEveryDeclarationHasItsWords(t *testing.T) {
	t.Parallel()
	complete := func(what string, texts ...domain.Text) {
		for _, text := range texts {
			if text.ZH == "" || text.EN == "" {
				t.Errorf("%s lacks words: %+v", what, text)
			}
		}
	}
	for _, d := range catalogue.All.Commands() {
		complete("command "+d.Name, d.Title, d.Doc, d.Who.Seat.Name)
		for _, role := range d.Who.Roles {
			complete("role "+string(role), domain.Roles[role])
		}
		for _, code := range d.Refuses {
			if _, known := domain.Codes[code]; !known {
				t.Errorf("command %s: code %s has no meaning", d.Name, code)
			}
		}
	}
	for _, e := range catalogue.All.Events() {
		complete("event "+e.Name, e.Title)
	}
	for _, w := range catalogue.All.Waits() {
		complete("wait "+string(w.Key), w.Title, w.Consequence)
		for _, title := range w.Titles {
			complete("wait "+string(w.Key), title)
		}
		if w.Term.Key == "" {
			complete("due day of "+string(w.Key), w.Due)
		}
		for _, stage := range w.Stages {
			if !slices.ContainsFunc(catalogue.All.Stages(), func(s flow.StageDecl) bool {
				return s.Stage == stage
			}) {
				t.Errorf("stage %s has no name", stage)
			}
		}
	}
	for _, term := range catalogue.All.Terms() {
		complete("term "+string(term.Key), term.Name)
	}
	for _, status := range []project.StepStatus{project.StepPlanned, project.StepSubmitted, project.StepReturned, project.StepVerified} {
		complete("milestone "+string(status), project.StepStatuses[status])
	}
	for code, meaning := range domain.Codes {
		complete(string(code), meaning.What, meaning.Next)
	}
}

func TestEventNamesAreUniqueWithinAnAggregate(t *testing.T) {
	t.Parallel()
	seen := map[[2]string]bool{}
	for _, e := range catalogue.All.Events() {
		key := [2]string{string(e.Aggregate), e.Name}
		if seen[key] {
			t.Errorf("%v appears twice", key)
		}
		seen[key] = true
	}
}
