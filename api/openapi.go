package api

import (
	"cmp"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// OpenAPI returns the OpenAPI document for the whole API, as served at /openapi.json. It needs no database.
func OpenAPI() ([]byte, error) { return newServer(Config{}).asJSON() }

// plain removes pattern descriptions from the schemas of parameters and bodies. They serve huma's messages, but are not
// part of JSON Schema.
func (s *server) plain() {
	for _, path := range s.huma.OpenAPI().Paths {
		for _, op := range []*huma.Operation{path.Get, path.Head, path.Post, path.Put} {
			if op == nil {
				continue
			}
			for _, p := range op.Parameters {
				undescribe(p.Schema)
			}
		}
	}
	for _, schema := range s.huma.OpenAPI().Components.Schemas.Map() {
		for _, property := range schema.Properties {
			undescribe(property)
		}
	}
}

// refuseBlanks makes every text that must not be empty contain more than spaces, unless its schema prescribes a form anyway.
func (s *server) refuseBlanks() {
	for _, schema := range s.huma.OpenAPI().Components.Schemas.Map() {
		for _, p := range schema.Properties {
			if p.MinLength != nil && *p.MinLength > 0 && p.Pattern == "" && p.Format == "" && len(p.Enum) == 0 {
				p.Pattern, p.PatternDescription = `^$|[^\s\p{Z}]`, moreThanSpaces // an empty text is too short already
				p.PrecomputeMessages()
			}
		}
	}
}

// undescribe removes the pattern description from a schema. It panics if wants does not describe the pattern, because a
// refusal could then not say what is expected.
func undescribe(s *huma.Schema) {
	if _, worded := wants[cmp.Or(s.PatternDescription, s.Pattern)]; s.Pattern != "" && !worded {
		panic("no description of the pattern " + s.Pattern + " in wants")
	}
	s.PatternDescription = ""
	if s.Items != nil {
		undescribe(s.Items)
	}
}

func newHuma(e *echo.Echo, version string) huma.API {
	if version == "" {
		version = "0"
	}
	registry := huma.NewMapRegistry("#/components/schemas/", schemaName)
	for t, alias := range aliases {
		registry.RegisterTypeAlias(t, alias)
	}
	return humaecho.NewV4(e, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Terrace 梯田", Version: version, Description: introduction,
				Contact: &huma.Contact{Name: "Whoever runs this installation of Terrace"},
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers: []*huma.Server{{URL: "/", Description: "this installation"}},
			Tags:    tags,
			Components: &huma.Components{
				Schemas:  registry,
				Examples: map[string]*huma.Example{},
				SecuritySchemes: map[string]*huma.SecurityScheme{scheme: {
					Type: "http", Scheme: "bearer", Description: "The token that whoever runs Terrace gave you. 管理员发给您的访问令牌。",
				}},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": strictJSON, "json": strictJSON},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	})
}

const introduction = `Terrace carries a grant-funded pilot from application to archive: commands are judged and recorded at once,
and Temporal workflows carry on from there. 梯田系统管理彩票公益金试点的全过程：操作即时裁定并记录，随后由流程引擎推进。

**Writes** need an ` + "`Idempotency-Key`" + `: send the same key again and the same answer comes back, with ` + "`Idempotency-Replayed: true`" + `;
the same key with other content is refused. Send ` + "`If-Match`" + ` with the ETag of what you read, and a decision on an outdated view is refused with 412.

**Answers that refuse** are problems (RFC 9457): programs use ` + "`code` and `field`" + `, people read ` + "`zh` or `en`" + `, which say what is wrong and what to do next.
Every code is explained at ` + "`/problems/{code}`" + `.

**Money** is a whole number of fen (分). **Dates** are days in Asia/Shanghai; a deadline ends with its day. **Bodies** are read strictly:
a field that is not documented, a key that appears twice, or a number with a decimal point is refused.`

// tags group the operations in the documentation: one tag for each kind in lifecycle order, followed by the other tags.
var tags = slices.Concat(aggregateTags(), []*huma.Tag{
	{Name: "Turns", Description: "待办事项: whose turn it is, over all records, by due day; and urging (催办)."},
	{Name: "Ledger", Description: "账目: trial balances of any past instant, statements of accounts, budgets and funds; each as JSON and as an Excel workbook. 试算平衡、对账单、预算执行、资金总览。"},
	{Name: "Evidence", Description: "佐证材料: uploaded files, each named by its SHA-256."},
	{Name: "Events", Description: "动态: live events of the journal, as server-sent events."},
	{Name: "Public", Description: "公开: what everybody may read. Of money that is the amount on a public notice, while the notice runs: no project, receipt, account, debt or difference is public; the yearly announcement (公告) is made by the office. 公众只见公示期内的金额，不见票据、账户、欠款和差异。"},
	{Name: "Reference", Description: "参考: rules, commands, lifecycle, refusals, experts; who you are and what time it is."},
	{Name: "Operation", Description: "运行: whether the service is well, and the demonstration's calendar."},
})

func aggregateTags() (all []*huma.Tag) {
	for _, a := range catalogue.All.Aggregates() {
		all = append(all, &huma.Tag{Name: tagOf(a.Kind), Description: a.Doc})
	}
	return all
}

// tagOf returns the name of the tag for operations on a kind.
func tagOf(kind flow.Kind) string {
	name := strings.TrimPrefix(catalogue.Path(kind), "/v1/")
	return strings.ToUpper(name[:1]) + name[1:]
}

// doc holds the documentation of an operation, and describes the responses that it can give.
type doc struct {
	id       string
	tag      string
	title    domain.Text
	text     domain.Text
	refusals []domain.Code
	params   []domain.Code                  // codes for invalid paths, queries and headers
	produces []string                       // media types of the response, if not only JSON
	shape    func(*server, *huma.Operation) // modifies the operation where the other fields are not sufficient
}

// operation builds the OpenAPI operation of a route: what it does, who may call it, its parameters, and every refusal
// that it can return.
func (s *server) operation(method, path string, p permission, d doc) huma.Operation {
	d.refusals = append(slices.Clone(d.refusals), "not-acceptable", "headers-too-large", "fault")
	d.params = append(slices.Clone(d.params), "bad-request", "bad-text", "repeated-parameter", "unknown-parameter")
	security := []map[string][]string{}
	if !p.open {
		d.refusals = append(d.refusals, "unauthenticated", "database-away", "record-busy")
		security = []map[string][]string{{scheme: {}}}
	}
	if len(p.roles) > 0 {
		d.refusals = append(d.refusals, "wrong-role")
	}
	if len(d.produces) == 0 {
		d.produces = []string{"application/json"}
	}
	return huma.Operation{
		Method: method, Path: path, OperationID: d.id, Tags: []string{d.tag}, Security: security,
		Summary:     d.title.EN + " · " + d.title.ZH,
		Description: d.text.EN + "\n\n" + d.text.ZH + p.describe(),
		Responses:   s.problems(d, method),
		Metadata:    map[string]any{schemasOf: s.huma.OpenAPI().Components.Schemas},
		Middlewares: huma.Middlewares{s.acceptable(d.produces), s.admit(p)},
	}
}

// schemasOf is the key of an operation's metadata under which the schemas of its body are found.
const schemasOf = "schemas"

// problems returns the error responses of an operation: one for each status, with its possible codes.
func (s *server) problems(d doc, method string) map[string]*huma.Response {
	schema := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	byStatus := map[int][]domain.Code{}
	for field, refusals := range map[string][]domain.Code{"": d.refusals, "query.": d.params} {
		for _, code := range refusals {
			status := statusOf(code, field)
			byStatus[status] = append(byStatus[status], code)
		}
	}
	responses := map[string]*huma.Response{}
	for _, status := range slices.Sorted(maps.Keys(byStatus)) {
		slices.Sort(byStatus[status])
		byStatus[status] = slices.Compact(byStatus[status])
		names := make([]string, len(byStatus[status]))
		for i, code := range byStatus[status] {
			names[i] = "`" + string(code) + "`"
		}
		r := &huma.Response{Description: http.StatusText(status) + ": " + strings.Join(names, ", ")}
		if method != http.MethodHead {
			r.Content = map[string]*huma.MediaType{problemType: {Schema: schema, Examples: s.examples(byStatus[status], status)}}
		}
		responses[strconv.Itoa(status)] = r
	}
	return responses
}

// acceptable returns middleware that rejects a request whose Accept header allows none of the operation's media types.
// Problems are sent regardless of the Accept header.
func (s *server) acceptable(produces []string) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		if !accepts(c.Header("Accept"), produces) {
			s.refuse(c, domain.Refuse("not-acceptable", "header.Accept", choice(produces, nil)...))
			return
		}
		next(c)
	}
}

// accepts reports whether an Accept header allows any of the media types (RFC 9110, 12.5.1). A missing header allows
// all of them.
func accepts(header string, produces []string) bool {
	if strings.TrimSpace(header) == "" {
		return true
	}
	for part := range strings.SplitSeq(header, ",") {
		wanted, params, _ := strings.Cut(part, ";")
		if q, weighed := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=0"); weighed && strings.Trim(q, ".0") == "" {
			continue
		}
		wanted = strings.ToLower(strings.TrimSpace(wanted))
		group, any := strings.CutSuffix(wanted, "*")
		for _, offered := range produces {
			if wanted == offered || wanted == "*/*" || any && strings.HasPrefix(offered, group) && strings.Contains(group, "/") {
				return true
			}
		}
	}
	return false
}

// schemaName names a schema after its Go type. It adds a prefix or suffix to the names of commands, parts of a
// programme and rows of the record, which would otherwise clash with other types.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if d := payloads[t]; d != nil {
		return name + "Command"
	}
	switch t.PkgPath() {
	case "terrace/domain/programme":
		return "Programme" + strings.TrimPrefix(name, "Programme")
	case "terrace/postgres":
		return "Recorded" + name
	}
	return name
}

// payloads maps the payload type of each command to the command's declaration.
var payloads = func() map[reflect.Type]*flow.Declaration {
	m := map[reflect.Type]*flow.Declaration{}
	for _, d := range catalogue.All.Commands() {
		m[d.PayloadType()] = d
	}
	return m
}()

// aliases maps each type whose JSON form does not follow from its Go type to a type that describes it.
var aliases = map[reflect.Type]reflect.Type{
	reflect.TypeFor[money.Fen]():     reflect.TypeFor[fenSchema](),
	reflect.TypeFor[calendar.Date](): reflect.TypeFor[dateSchema](),
	reflect.TypeFor[flow.Stage]():    reflect.TypeFor[stageSchema](),
	reflect.TypeFor[domain.Role]():   reflect.TypeFor[roleSchema](),
	reflect.TypeFor[flow.Kind]():     reflect.TypeFor[kindSchema](),

	reflect.TypeFor[pilot.CaseStatus]():       reflect.TypeFor[caseSchema](),
	reflect.TypeFor[project.StepStatus]():     reflect.TypeFor[stepSchema](),
	reflect.TypeFor[recovery.DebtCause]():     reflect.TypeFor[causeSchema](),
	reflect.TypeFor[difference.Discrepancy](): reflect.TypeFor[discrepancySchema](),
}

type (
	fenSchema   struct{}
	dateSchema  struct{}
	stageSchema struct{}
	roleSchema  struct{}
	kindSchema  struct{}

	caseSchema        struct{}
	stepSchema        struct{}
	causeSchema       struct{}
	discrepancySchema struct{}
)

func (fenSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Description: "in fen (分)", Examples: []any{6000000}}
}

func (dateSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Description: "a day in Asia/Shanghai", Examples: []any{"2018-06-15"}}
}

func (stageSchema) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: "stage (阶段); /v1/lifecycle explains them"}
	for _, stage := range catalogue.All.Stages() {
		s.Enum = append(s.Enum, string(stage.Stage))
	}
	return s
}

func (roleSchema) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: "role (角色)"}
	for _, role := range slices.Sorted(maps.Keys(domain.Roles)) {
		s.Enum = append(s.Enum, string(role))
	}
	return s
}

func (kindSchema) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: "kind of aggregate"}
	for _, a := range catalogue.All.Aggregates() {
		s.Enum = append(s.Enum, string(a.Kind))
	}
	return s
}

func (caseSchema) Schema(huma.Registry) *huma.Schema {
	return worded("state of a proposal in its pilot (项目申报状态)", pilot.CaseStatuses)
}

func (stepSchema) Schema(huma.Registry) *huma.Schema {
	return worded("state of a milestone (里程碑状态)", project.StepStatuses)
}

func (causeSchema) Schema(huma.Registry) *huma.Schema {
	return worded("why money is recovered", recovery.DebtCauses)
}

func (discrepancySchema) Schema(huma.Registry) *huma.Schema {
	return worded("what does not agree with what", difference.Discrepancies)
}

// worded returns the schema of an enumeration of names, with the meaning of each.
func worded[Name ~string](description string, words map[Name]domain.Text) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: description}
	for _, name := range slices.Sorted(maps.Keys(words)) {
		s.Enum = append(s.Enum, string(name))
	}
	return s
}

func echoOf(c huma.Context) echo.Context { return humaecho.UnwrapV4(c) }
