package flow_test

import (
	"fmt"
	"strings"
	"testing"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/ledger"
)

// panics calls f and returns its panic message, or an empty string if it does not panic.
func panics(f func()) (why string) {
	defer func() {
		if r := recover(); r != nil {
			why = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

func TestADescriptionThatContradictsItselfPanics(t *testing.T) {
	t.Parallel()
	text := domain.T("办理", "do it")
	stage := flow.Passes(pending, "待办", "pending")
	command := func(name string) *flow.Declaration {
		return flow.Declare[flow.State, Meet](name, flow.Itself, text, text)
	}
	taken := command("taken")
	flow.Describe(flow.Aggregate{Kind: "other", Collection: "others", Empty: &swept{}, Commands: []*flow.Declaration{taken}})
	owner := func(flow.State, ledger.OwnerKind) string { return "" }
	books := func(account string) []flow.Booking {
		return []flow.Booking{flow.Books(text, ledger.Side{Name: account}, ledger.Side{Name: account}, func(flow.State, *Met) []ledger.Part { return nil })}
	}
	for name, test := range map[string]struct {
		a     flow.Aggregate
		want  string
		still bool
	}{
		"a stage twice":                          {flow.Aggregate{Stages: []flow.StageDecl{stage, stage}}, "stage request-pending is declared twice", false},
		"a command twice":                        {flow.Aggregate{Commands: []*flow.Declaration{command("meet"), command("meet")}}, "command meet is declared twice", false},
		"a command that every kind has":          {flow.Aggregate{Commands: []*flow.Declaration{command("keep-time")}}, "command keep-time is declared twice", false},
		"a wait twice":                           {flow.Aggregate{Waits: []flow.Wait{{Key: answer}, {Key: answer}}}, "wait answer is declared twice", false},
		"a wait in a stage that is not declared": {flow.Aggregate{Waits: []flow.Wait{{Key: answer, Stages: []flow.Stage{closed}}}}, "stage request-closed, which is not declared", false},
		"an exit that nobody declares":           {flow.Aggregate{Waits: []flow.Wait{{Key: answer, Exits: []flow.Exit{flow.Leads("meet")}}}}, "admits meet, which nobody declares", false},
		"an exit to a stage that is not declared": {flow.Aggregate{
			Commands: []*flow.Declaration{command("meet")}, Waits: []flow.Wait{{Key: answer, Exits: []flow.Exit{flow.Leads("meet", closed)}}},
		}, "meet leads to stage request-closed", false},
		"a step to a stage that is not declared":        {flow.Aggregate{Stages: []flow.StageDecl{stage}, Steps: []flow.Step{flow.Arrow(pending, closed, "meet")}}, "step from request-pending to request-closed", false},
		"a wait that nothing ends":                      {flow.Aggregate{Carried: flow.Still, Waits: []flow.Wait{{Key: answer}}}, "neither carried nor swept", true},
		"a standing wait of a kind that is not carried": {flow.Aggregate{Carried: flow.Still, Waits: []flow.Wait{{Key: answer, Standing: true}}}, "", true},
		"another's command":                             {flow.Aggregate{Commands: []*flow.Declaration{taken}}, "command taken is another's", false},
		"a booking on no account of the chart":          {flow.Aggregate{Owner: owner, Events: []*flow.EventType{flow.Happens[flow.State, Met]("met", text)}, Bookings: books("pocket")}, "account pocket", false},
		"a booking whose account has no owner":          {flow.Aggregate{Events: []*flow.EventType{flow.Happens[flow.State, Met]("met", text)}, Bookings: books(ledger.Advance)}, "account advance", false},
		"no collection":                                 {flow.Aggregate{Collection: "-"}, "it needs a kind, a collection", false},
		"two events under one name":                     {flow.Aggregate{Events: []*flow.EventType{flow.Happens[flow.State, Met]("met", text), flow.Happens[flow.State, Missed]("met", text)}}, "event met is declared twice", false},
		"one event under two names":                     {flow.Aggregate{Events: []*flow.EventType{flow.Happens[flow.State, Met]("met", text), flow.Happens[flow.State, Met]("done", text)}}, "event done is declared twice", false},
		"an event that every kind has":                  {flow.Aggregate{Events: []*flow.EventType{flow.Happens[flow.State, Met]("reminded", text)}}, "event reminded is declared twice", false},
		"a booking of an event that is not declared":    {flow.Aggregate{Bookings: []flow.Booking{flow.Books(text, ledger.Side{}, ledger.Side{}, func(flow.State, *Met) []ledger.Part { return nil })}}, "*flow_test.Met", false},
		"swept and carried by a workflow":               {flow.Aggregate{Carried: flow.Carriage{Swept: true, Workflow: "Request"}}, "swept and carried", false},
		"nothing":                                       {flow.Aggregate{}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.a.Kind, test.a.Empty = "request", &swept{}
			if test.a.Collection = map[string]string{"": "requests"}[test.a.Collection]; !test.still && test.a.Carried == flow.Still {
				test.a.Carried = flow.Swept
			}
			got := panics(func() { flow.Describe(test.a) })
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("panics with %q, want %q", got, test.want)
			}
			if got != "" && !strings.HasPrefix(got, "aggregate request: ") {
				t.Errorf("%q does not say of what", got)
			}
		})
	}
}

func TestKindsThatContradictEachOtherPanic(t *testing.T) {
	t.Parallel()
	kind := func(name flow.Kind, stage flow.StageDecl, claim flow.Claim) *flow.Aggregate {
		return flow.Describe(flow.Aggregate{Kind: name, Collection: string(name) + "s", Empty: &swept{}, Stages: []flow.StageDecl{stage}, Claims: []flow.Claim{claim}})
	}
	with := func(change func(*flow.Aggregate)) *flow.Aggregate {
		a := flow.Aggregate{Kind: "second", Collection: "seconds", Empty: &swept{}, Carried: flow.By("Second", "second")}
		change(&a)
		return flow.Describe(a)
	}
	term := flow.Term{Key: "answer"}
	stage, claim := flow.Passes("open", "待办", "open"), flow.Claim{Prefix: "number", Refusal: "duplicate-number"}
	first := kind("first", stage, claim)
	for name, test := range map[string]struct {
		second *flow.Aggregate
		want   string
	}{
		"one kind twice":                            {kind("first", stage, claim), "kind first is listed twice"},
		"a stage with two names":                    {kind("second", flow.Passes("open", "待办", "pending"), claim), "stage open means two things"},
		"a stage that is final in one kind":         {kind("second", flow.Ends("open", "待办", "open"), claim), "stage open means two things"},
		"a claim with two refusals":                 {kind("second", stage, flow.Claim{Prefix: "number"}), "claim number means two things"},
		"a stage and a claim with the same meaning": {kind("second", stage, claim), ""},
		"one collection":                            {with(func(a *flow.Aggregate) { a.Collection = "firsts" }), "second and first are told apart by neither addresses nor runs"},
		"a term twice":                              {with(func(a *flow.Aggregate) { a.Terms = []flow.Term{term, term} }), "term answer is declared twice"},
		"a term that nobody declares": {with(func(a *flow.Aggregate) {
			a.Stages, a.Waits = []flow.StageDecl{flow.Passes(pending, "待办", "pending")}, []flow.Wait{{Key: answer, Term: term, Stages: []flow.Stage{pending}}}
		}), "wait answer counts by the term answer, which nobody declares"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, list := range []func(){
				func() { flow.NewCatalogue(first, test.second) },
				func() { flow.NewCatalogue(first).With(test.second) },
			} {
				if got := panics(list); got != test.want {
					t.Errorf("panics with %q, want %q", got, test.want)
				}
			}
		})
	}
}

func TestAnUnknownKindIsAnError(t *testing.T) {
	t.Parallel()
	known := flow.NewCatalogue(carriedRequests)
	ask := func(c *flow.Catalogue, kind flow.Kind) map[string]error {
		_, of := c.Of(kind)
		_, newState := c.New(flow.Ref{Kind: kind, ID: "r"})
		_, find := c.Find(kind, "meet")
		_, decode := c.Decode(kind, "met", 1, []byte(`{"Wait":"answer"}`))
		return map[string]error{"Of": of, "New": newState, "Find": find, "Decode": decode}
	}
	for name, err := range ask(known, "swept-request") {
		if err == nil {
			t.Errorf("%s knows what is not listed", name)
		} else if _, refused := domain.Refused(err); refused {
			t.Errorf("%s answers with the refusal %q, but it is a fault", name, err)
		}
	}
	for name, err := range ask(known.With(sweptRequests), "swept-request") {
		if err != nil {
			t.Errorf("%s does not know what is listed: %v", name, err)
		}
	}
	if err := ask(known, "swept-request")["Of"]; err == nil {
		t.Error("With changed the catalogue that it extends")
	}
	if _, err := known.Find("carried-request", "lend"); code(err) != "unknown-command" {
		t.Errorf("an unknown command of a known kind is %v", err)
	}
	for name, version := range map[string]int{"lent": 1, "met": 2} {
		if _, err := known.Decode("carried-request", name, version, []byte(`{}`)); err == nil {
			t.Errorf("it decodes %q in version %d", name, version)
		}
	}
}
