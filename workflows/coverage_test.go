package workflows_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	"terrace/activities"
	"terrace/domain/catalogue"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/workflows"
)

// unreachable holds the work that never arises in a stage, and the reason for it.
var unreachable = map[string]string{
	"Project firstTranche does StartRecovery": "nothing has been paid, so nothing is owed back",
}

// TestTheCommittedHistoriesCoverEveryStory fails if a stage, a piece of its work, a wait or one of turns occurs in no
// committed history, because replaying the histories would then not protect it.
func TestTheCommittedHistoriesCoverEveryStory(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, file := range committed(t) {
		maps.Copy(seen, lookThrough(t, readHistory(t, file)))
	}
	wanted := slices.Concat(told(t, seen), declared(), turns)
	for _, each := range wanted {
		switch why, never := unreachable[each]; {
		case never && seen[each]:
			t.Errorf("%s: it does happen, although %s", each, why)
		case !never && !seen[each]:
			t.Errorf("in no committed history: %s", each)
		}
	}
	t.Logf("%d stages, waits, works and turns are in %d histories", len(wanted)-len(unreachable), len(committed(t)))
}

// committed returns the paths of the committed histories.
func committed(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(histories, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no histories: %v", err)
	}
	return files
}

func readHistory(t *testing.T, file string) *historypb.History {
	t.Helper()
	text, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close() //nolint:errcheck // opened for reading only
	history, err := client.HistoryFromJSON(text, client.HistoryJSONOptions{})
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return history
}

// turns lists what can happen to a run of any workflow, caused by due dates, users, the relay or operators.
var turns = []string{
	"reminded", "escalated", "lapsed", "a timer fires early", "a timer fires",
	"told by a signal", "reads its news by itself", "started by its parent", "starts a child", "finds the child there",
	"tries again what failed", "a refusal is an answer", "gives up what is no longer owed",
	"completes", "fails", "is cancelled", "is terminated", "began on an older story", "runs without search attributes",
	"Pilot continues as new", "Project continues as new", "Disbursement continues as new", "Recovery continues as new", "Difference continues as new",
	"Pilot goes on behind a long history", "Project goes on behind a long history", "Disbursement goes on behind a long history",
	"Recovery goes on behind a long history", "Difference goes on behind a long history",
}

// declared lists the stages and waits in the domain's lifecycle, each with the workflow that must have gone through it.
func declared() (all []string) {
	for _, w := range catalogue.All.Waits() {
		if !workflows.Carries(w.Aggregate) {
			continue
		}
		story := workflows.TypeOf(w.Aggregate)
		for _, stage := range w.Stages {
			all = append(all, story+" is in "+string(stage))
		}
		for _, exit := range w.Exits {
			for _, stage := range exit.Leads {
				all = append(all, story+" is in "+string(stage))
			}
		}
		if !w.Standing {
			all = append(all, story+" awaits "+string(w.Key))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// lookThrough lists what occurs in a history, worded as in told, declared and turns.
func lookThrough(t *testing.T, history *historypb.History) map[string]bool {
	t.Helper()
	l := &look{t: t, seen: map[string]bool{}, scheduled: map[int64]string{}}
	for _, event := range history.Events {
		l.event(event)
	}
	return l.seen
}

// look reads one history from its beginning.
type look struct {
	t         *testing.T
	story     string
	stage     string // the stage whose function is running, according to the search attribute
	next      *flow.NextMoment
	scheduled map[int64]string // activity names by the id of the scheduling event
	seen      map[string]bool
}

func (l *look) is(format string, args ...any) { l.seen[fmt.Sprintf(format, args...)] = true }

func (l *look) event(e *historypb.HistoryEvent) {
	switch e.EventType {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		l.began(e.GetWorkflowExecutionStartedEventAttributes())
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
		l.is("told by a signal")
		l.heard(e.GetWorkflowExecutionSignaledEventAttributes().GetInput())
	case enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
		l.indexed(e.GetUpsertWorkflowSearchAttributesEventAttributes().GetSearchAttributes().GetIndexedFields())
	case enumspb.EVENT_TYPE_MARKER_RECORDED:
		l.marked(e.GetMarkerRecordedEventAttributes())
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		name := e.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName()
		l.scheduled[e.EventId] = name
		l.did(name)
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_STARTED:
		if e.GetActivityTaskStartedEventAttributes().GetAttempt() > 1 {
			l.is("tries again what failed")
		}
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		a := e.GetActivityTaskCompletedEventAttributes()
		l.answered(l.scheduled[a.GetScheduledEventId()], a.GetResult())
	default:
		l.turned(e.EventType)
	}
}

// turned notes what an event's type alone tells about the run.
func (l *look) turned(kind enumspb.EventType) {
	words := map[enumspb.EventType]string{
		enumspb.EVENT_TYPE_TIMER_FIRED:                           "a timer fires",
		enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED: "finds the child there",
		enumspb.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:      "starts a child",
		enumspb.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED:        "gives up what is no longer owed",
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:          "completes",
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:             "fails",
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:           "is cancelled",
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:         "is terminated",
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:   l.story + " continues as new",
	}
	if word, tells := words[kind]; tells {
		l.seen[word] = true
	}
}

func (l *look) began(a *historypb.WorkflowExecutionStartedEventAttributes) {
	l.story = a.GetWorkflowType().GetName()
	l.is("%s runs", l.story)
	l.indexed(a.GetSearchAttributes().GetIndexedFields())
	if a.GetParentWorkflowExecution().GetWorkflowId() != "" {
		l.is("started by its parent")
	}
	if a.GetContinuedExecutionRunId() != "" {
		l.is("%s goes on behind a long history", l.story)
	}
	var story int
	if memo := a.GetMemo().GetFields()[workflows.StoryMemo]; memo != nil && json.Unmarshal(memo.GetData(), &story) == nil && story < workflows.Story {
		l.is("began on an older story")
	}
	var start workflows.Start
	if l.read(a.GetInput(), &start) && start.ID != "" && !start.Indexed {
		l.is("runs without search attributes")
	}
}

func (l *look) indexed(fields map[string]*commonpb.Payload) {
	if stage := fields["TerraceStage"]; stage != nil && json.Unmarshal(stage.GetData(), &l.stage) == nil {
		l.is("%s tells %s", l.story, l.stage)
	}
}

// marked notes a local activity and its result, which a history holds in a marker.
func (l *look) marked(a *historypb.MarkerRecordedEventAttributes) {
	var local struct{ ActivityType string }
	if a.GetMarkerName() != "LocalActivity" || !l.read(a.GetDetails()["data"], &local) {
		return
	}
	l.did(local.ActivityType)
	if a.GetFailure() != nil {
		l.is("tries again what failed")
		return
	}
	l.answered(local.ActivityType, a.GetDetails()["result"])
}

// did notes that the current stage's function started an activity.
func (l *look) did(activity string) {
	switch activity {
	case "ReadNews":
		l.is("reads its news by itself")
	default:
		l.is("%s in %s does %s", l.story, l.stage, activity)
	}
}

func (l *look) answered(activity string, result *commonpb.Payloads) {
	var answer activities.Answer
	if activity == "ReadNews" {
		l.heard(result)
		return
	}
	if !l.read(result, &answer) || answer.News.Ref.ID == "" {
		return
	}
	switch {
	case answer.Refused == "not-due":
		l.is("a timer fires early")
	case answer.Refused != "":
		l.is("a refusal is an answer")
	case activity == "KeepTime" && l.next != nil:
		l.is("%s", map[flow.Moment]string{flow.Remind: "reminded", flow.Escalate: "escalated", flow.Lapse: "lapsed"}[l.next.Moment])
	}
	l.learned(answer.News)
}

func (l *look) heard(p *commonpb.Payloads) {
	var news activities.News
	if l.read(p, &news) {
		l.learned(news)
	}
}

func (l *look) learned(news activities.News) {
	l.next = news.Next
	l.is("%s is in %s", l.story, news.Stage)
	for _, wait := range news.Awaits {
		l.is("%s awaits %s", l.story, wait)
	}
}

func (l *look) read(p *commonpb.Payloads, into any) bool {
	return len(p.GetPayloads()) > 0 && json.Unmarshal(p.GetPayloads()[0].GetData(), into) == nil
}

// told lists, from the source code, every stage that a workflow function runs and every activity that the function can
// start. An activity counts as seen for the function if it was seen in any of its stages.
func told(t *testing.T, seen map[string]bool) (all []string) {
	t.Helper()
	s := readSource(t)
	for story, kind := range map[string]flow.Kind{
		"pilotStory": pilot.Kind, "projectStory": project.Kind, "disbursementStory": payment.Kind,
		"recoveryStory": recovery.Kind, "differenceStory": difference.Kind,
	} {
		name := workflows.TypeOf(kind)
		for function, stages := range s.stages(t, story, kind) {
			for _, stage := range stages {
				all = append(all, name+" tells "+stage)
			}
			for activity := range s.reach(story, function, map[string]bool{}) {
				done := name + " " + function + " does " + activity
				all = append(all, done)
				for _, stage := range stages {
					seen[done] = seen[done] || seen[name+" in "+stage+" does "+activity]
				}
			}
		}
	}
	all = append(all, workflows.ReconciliationType+" in  does Reconcile", workflows.SweepType+" in  does Sweep")
	slices.Sort(all)
	return all
}

// source is the code of package workflows.
type source struct {
	methods map[string]*ast.FuncDecl // by type and name
	values  map[string]string        // constants of the domain
}

func readSource(t *testing.T) source {
	t.Helper()
	s := source{map[string]*ast.FuncDecl{}, map[string]string{}}
	for _, file := range parsed(t, ".") {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			of := f.Recv.List[0].Type
			if pointer, ok := of.(*ast.StarExpr); ok {
				of = pointer.X
			}
			s.methods[of.(*ast.Ident).Name+"."+f.Name.Name] = f
		}
	}
	for _, a := range catalogue.All.Aggregates() {
		for _, file := range parsed(t, "../domain/"+string(a.Kind)) {
			ast.Inspect(file, func(n ast.Node) bool {
				if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
					if literal, ok := v.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
						s.values[v.Names[0].Name] = strings.Trim(literal.Value, `"`)
					}
				}
				return true
			})
		}
	}
	return s
}

// parsed returns the files of a package without its tests.
func parsed(t *testing.T, folder string) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// stages returns the stages that each function of a story runs. A story without a method stage has a single function for
// all of its stages.
func (s source) stages(t *testing.T, story string, kind flow.Kind) map[string][]string {
	t.Helper()
	functions := map[string][]string{}
	if told := s.methods[story+".stage"]; told != nil {
		ast.Inspect(told, func(n ast.Node) bool {
			if clause, ok := n.(*ast.CaseClause); ok && clause.List != nil {
				call := clause.Body[0].(*ast.ReturnStmt).Results[0].(*ast.CallExpr)
				for _, stage := range clause.List {
					function := call.Fun.(*ast.SelectorExpr).Sel.Name
					functions[function] = append(functions[function], s.values[stage.(*ast.SelectorExpr).Sel.Name])
				}
			}
			return true
		})
		return functions
	}
	for name := range s.methods {
		if function, ok := strings.CutPrefix(name, story+"."); ok {
			for _, w := range catalogue.All.Waits() {
				if w.Aggregate == kind {
					functions[function] = append(functions[function], string(w.Stages[0]))
				}
			}
		}
	}
	if len(functions) != 1 {
		t.Errorf("%s has %d functions and no method stage that chooses between them", story, len(functions))
	}
	return functions
}

// reach returns the activities to which a method refers, either directly or through other methods.
func (s source) reach(story, method string, visited map[string]bool) map[string]bool {
	found := map[string]bool{}
	f := s.methods[story+"."+method]
	if f == nil {
		f = s.methods["runner."+method]
	}
	if f == nil || visited[method] {
		return found
	}
	visited[method] = true
	receiver := f.Recv.List[0].Names[0].Name
	ast.Inspect(f.Body, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		switch of, _ := selector.X.(*ast.Ident); {
		case of == nil:
		case of.Name == receiver:
			maps.Copy(found, s.reach(story, selector.Sel.Name, visited))
		case slices.Contains([]string{"pilots", "projects", "payments", "records"}, of.Name):
			found[selector.Sel.Name] = true
		}
		return true
	})
	return found
}
