package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/programme"
	"terrace/domain/project"
	"terrace/programmes"
)

func TestDocumentHoldsEveryCommandThatPeopleSend(t *testing.T) {
	t.Parallel()
	document, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Security    []map[string][]string
			Responses   map[string]any
		}
	}
	if err := json.Unmarshal(document, &read); err != nil {
		t.Fatal(err)
	}
	if read.OpenAPI != "3.1.0" {
		t.Errorf("OpenAPI %s", read.OpenAPI)
	}
	for _, d := range catalogue.All.Commands() {
		op, there := read.Paths[address(d)]["post"]
		if there == d.Internal() {
			t.Errorf("%s %s: documented %v, internal %v", d.Aggregate, d.Name, there, d.Internal())
		}
		if there && op.OperationID != string(d.Aggregate)+"-"+d.Name {
			t.Errorf("%s has the operation id %q", address(d), op.OperationID)
		}
	}
	for path, ops := range read.Paths {
		for method, op := range ops {
			if _, protected := op.Responses["401"]; protected != (len(op.Security) > 0) {
				t.Errorf("%s %s: 401 documented %v, security %v", method, path, protected, op.Security)
			}
		}
	}
}

func TestEveryCodeThatAnOperationNamesHasItsMeaning(t *testing.T) {
	t.Parallel()
	s := newServer(Config{})
	for name := range s.huma.OpenAPI().Components.Examples {
		code := domain.Code(strings.TrimSuffix(name, "-400"))
		if m, known := meaningOf(code); !known || m.What.ZH == "" || m.What.EN == "" || m.Next.ZH == "" || m.Next.EN == "" {
			t.Errorf("%s: %+v", code, m)
		}
	}
}

func TestNoCodeIsExplainedTwice(t *testing.T) {
	t.Parallel()
	for code := range meanings {
		if _, twice := domain.Codes[code]; twice {
			t.Errorf("%s is in domain.Codes too", code)
		}
	}
}

func TestEveryExampleIsAcceptedByItsSchema(t *testing.T) {
	t.Parallel()
	s := newServer(Config{})
	registry := s.huma.OpenAPI().Components.Schemas
	for _, d := range catalogue.All.Commands() {
		if d.Internal() {
			continue
		}
		body, err := json.Marshal(s.example(d))
		if err != nil {
			t.Fatal(err)
		}
		tree, err := parse(body)
		if err != nil {
			t.Fatalf("%s: %v", d.Name, err)
		}
		res := &huma.ValidateResult{}
		huma.Validate(registry, registry.Schema(d.PayloadType(), true, ""), huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, tree, res)
		for _, finding := range res.Errors {
			t.Errorf("%s: %v", d.Name, finding)
		}
		if err := json.Unmarshal(body, d.New()); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
	}
}

// Whoever pastes an example must not ban an organization by it, nor send codes that the programme does not have.
func TestExamplesDoNoHarmAndUseTheCodesOfTheProgramme(t *testing.T) {
	t.Parallel()
	set, err := programmes.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s, rules := newServer(Config{}), set.All()
	example := func(kind flow.Kind, command string) flow.Payload {
		d, err := catalogue.All.Find(kind, command)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(s.example(d))
		if err != nil {
			t.Fatal(err)
		}
		payload := d.New()
		if err := json.Unmarshal(body, payload); err != nil {
			t.Fatal(err)
		}
		return payload
	}
	if end := example(project.Kind, "terminate").(*project.Terminate); end.Breach {
		t.Errorf("the example bans the organization: %+v", end)
	}
	if verdict := example(project.Kind, "judge-final").(*project.JudgeFinal); strings.Contains(verdict.Reason, "材料不齐") {
		t.Errorf("the work passes because documents are missing: %+v", verdict)
	}
	q := example(pilot.Kind, "put-proposal").(*pilot.PutProposal).Proposal
	if _, known := rules[0].Kind(q.Kind); !known || programme.PurposeName(q.Purpose) == (domain.Text{}) || plan.EvidenceKinds[q.Milestones[0].Evidence[0]] == (domain.Text{}) {
		t.Errorf("the programme has no such codes: %+v", q)
	}
	if scores := example(pilot.Kind, "submit-summary").(*pilot.SubmitSummary).Scores; len(scores) != len(rules[0].Weights) {
		t.Errorf("the summary has the scores %v", scores)
	}
}

func TestUrgingIsShownWithATurnOfItsKind(t *testing.T) {
	t.Parallel()
	s := newServer(Config{})
	for _, a := range catalogue.All.Aggregates() {
		d, err := catalogue.All.Find(a.Kind, flow.UrgeCommand)
		if err != nil {
			t.Fatal(err)
		}
		example, _ := s.example(d).(map[string]any)
		key, _ := example["wait"].(string)
		if w := a.Wait(flow.WaitKey(key)); w.Title.ZH == "" || w.ByItself() {
			t.Errorf("%s: nobody is urged by %v", a.Kind, example)
		}
	}
}

// An unbounded number could only be refused after the schema had accepted it. Fractions are not allowed anywhere.
func TestEveryNumberThatPeopleSendIsWholeAndBounded(t *testing.T) {
	t.Parallel()
	unbounded := map[string]bool{} // list items cannot carry tags: the commands check their bounds
	for _, d := range catalogue.All.Commands() {
		if !d.Internal() {
			eachField(d.PayloadType(), d.Name, func(path string, f reflect.StructField) {
				switch f.Type.Kind() {
				case reflect.Float32, reflect.Float64:
					t.Errorf("%s is a float", path)
				case reflect.Int, reflect.Int64:
					if f.Tag.Get("minimum") == "" || f.Tag.Get("maximum") == "" {
						unbounded[path] = true
					}
				default:
				}
			})
		}
	}
	for path := range unbounded {
		t.Errorf("%s has no bounds", path)
	}
}

// A single text without a maximum length could take up a whole body and fill the record.
func TestEveryTextThatPeopleSendIsBounded(t *testing.T) {
	t.Parallel()
	for _, d := range catalogue.All.Commands() {
		if !d.Internal() {
			eachField(d.PayloadType(), d.Name, func(path string, f reflect.StructField) {
				bounded := slices.ContainsFunc([]string{"maxLength", "pattern", "enum"}, func(tag string) bool { return f.Tag.Get(tag) != "" })
				texts := f.Type.Kind() == reflect.String || f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.String
				if texts && !bounded {
					t.Errorf("%s has no length", path)
				}
			})
		}
	}
}

func eachField(typ reflect.Type, path string, visit func(string, reflect.StructField)) {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct {
		return
	}
	for f := range typ.Fields() {
		if f.IsExported() {
			visit(path+"."+f.Name, f)
			eachField(f.Type, path+"."+f.Name, visit)
		}
	}
}

func TestFieldsAndKindsOfEvidenceAreNamedInBothLanguages(t *testing.T) {
	t.Parallel()
	schemas := newServer(Config{}).huma.OpenAPI().Components.Schemas.Map()
	for at, want := range map[[2]string]string{
		{"DraftCommand", "requested_fen"}:       "Amount requested (fen) · 申请金额（分）",
		{"Proposal", "kind"}:                    "Project category · 项目类别",
		{"BudgetLine", "kind"}:                  "Spending category · 支出类别",
		{"JudgeSpendingCommand", "report"}:      "Spending report number · 支出报告序号",
		{"SubmitFinalReportCommand", "report"}:  "Report file · 报告文件",
		{"SubmitMilestoneCommand", "milestone"}: "Milestone · 里程碑",
	} {
		if schema := schemas[at[0]]; schema == nil || schema.Properties[at[1]].Title != want {
			t.Errorf("%v is not called %s", at, want)
		}
	}
	if d := schemas["Milestone"].Properties["evidence"].Description; !strings.Contains(d, "`photos` photos · 现场照片") {
		t.Errorf("kinds of evidence: %s", d)
	}
}

func TestAMissingFieldIsNamedWithItsChoices(t *testing.T) {
	t.Parallel()
	paths := newServer(Config{}).huma.OpenAPI().Paths
	for at, want := range map[[2]string]domain.Text{
		{"/v1/pilots/{id}/object", "contact"}:        text("缺少必填项“联系方式”（contact）", "The required field “Contact details” (contact) is missing"),
		{"/v1/pilots", "proposals[0].budget[1].fen"}: text("缺少必填项“金额（分）”（fen）", "The required field “Amount (fen)” (fen) is missing"),
		{"/v1/projects/{id}/judge-final", "outcome"}: text("缺少必填项“结论”（outcome，可填：pass 合格、fail 不合格）",
			"The required field “Verdict” (outcome; one of pass (passed), fail (failed)) is missing"),
		{"/v1/bank-statements", "mystery"}: text("缺少必填项“mystery”", "The required field mystery is missing"),
	} {
		f := findingOf(fieldNamed(domain.Refuse("missing-field", at[1], "name", at[1]), paths[at[0]].Post))
		if f.ZH.What != want.ZH || f.EN.What != want.EN {
			t.Errorf("%v: %s / %s", at, f.ZH.What, f.EN.What)
		}
	}
}

func TestMoneyAndDatesAreDescribedAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	schemas := newServer(Config{}).huma.OpenAPI().Components.Schemas.Map()
	fen := schemas["BudgetLine"].Properties["fen"]
	if fen.Type != "integer" || fen.Format != "int64" || !strings.Contains(fen.Description, "分") || *fen.Minimum != 1 {
		t.Errorf("fen: %+v", fen)
	}
	if due := schemas["Milestone"].Properties["due"]; due.Type != "string" || due.Format != "date" {
		t.Errorf("due: %+v", due)
	}
	if title := schemas["DraftCommand"].Properties["title"]; title.Ref != "#/components/schemas/Text" {
		t.Errorf("title: %+v", title)
	}
}

func TestAnOrganizationAndAMilestoneHaveOneNameInEveryAnswer(t *testing.T) {
	t.Parallel()
	schemas := newServer(Config{}).huma.OpenAPI().Components.Schemas
	parties := 0
	for name, schema := range schemas.Map() {
		for _, of := range []string{"organization", "payee", "debtor"} {
			if p := schema.Properties[of]; p != nil && p.Ref != "" {
				parties++
				if party := schemas.SchemaFromRef(p.Ref); party.Properties["credit_code"] == nil || party.Properties["code"] != nil {
					t.Errorf("%s.%s is identified by another name than credit_code", name, of)
				}
			}
		}
		if schema.Properties["steps"] != nil {
			t.Errorf("%s calls its milestones steps", name)
		}
	}
	if parties < 8 {
		t.Errorf("only %d answers and commands name an organization", parties)
	}
}

func TestAcceptHeaders(t *testing.T) {
	t.Parallel()
	jsonOnly := []string{"application/json"}
	for name, c := range map[string]struct {
		header   string
		produces []string
		want     bool
	}{
		"none takes everything":               {"", jsonOnly, true},
		"anything takes JSON":                 {"*/*", jsonOnly, true},
		"a group takes its types":             {"application/*", jsonOnly, true},
		"one of several is enough":            {"text/html, application/json;q=0.5", jsonOnly, true},
		"capitals do not matter":              {"Application/JSON", jsonOnly, true},
		"another type is not taken":           {"text/html", jsonOnly, false},
		"another group is not taken":          {"image/*", jsonOnly, false},
		"a weight of zero refuses":            {"application/json;q=0", jsonOnly, false},
		"a weight of 0.0 refuses":             {"application/json; q=0.0", jsonOnly, false},
		"a small weight takes":                {"application/json;q=0.01", jsonOnly, true},
		"a lone star is no type":              {"*", jsonOnly, false},
		"a stream is not JSON":                {"application/json", []string{eventStreamType}, false},
		"a browser's EventSource is answered": {"text/event-stream", []string{eventStreamType}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := accepts(c.header, c.produces); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
