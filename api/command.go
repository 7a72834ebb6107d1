package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
)

// Idempotent is the request header that makes a write safe to repeat. Repeating a request with the same sender and key
// returns the same response while the sender can see the record. Reusing the key with different content is an error.
type Idempotent struct {
	Key string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"100" pattern:"^[!-~]+$" patternDescription:"visible ASCII characters" doc:"names this write; send the same value again to repeat it safely; the answer is the same while the sender can see the record. 幂等键：重试时使用同一个值；发送人仍可查看该记录的，返回结果不变" example:"7d1c2b6e-3f5a-4c1e-9a51-0d9f4a3f8e21"`
}

// Conditional is the request header that makes a command fail if the record has changed since the sender last read it.
type Conditional struct {
	IfMatch string `header:"If-Match" pattern:"^(\\*|\"[1-9][0-9]{0,8}\")$" patternDescription:"the ETag of a read, like \"7\", or *" doc:"the version that the sender saw, as received in ETag; if it has changed since, the command is refused with 412. 版本校验" example:"\"7\""`
}

// version returns the version that the header requires, or 0 if any version is acceptable.
func (c Conditional) version() int {
	var n int
	if err := json.Unmarshal([]byte(strings.Trim(c.IfMatch, `"`)), &n); err != nil {
		return 0 // absent or *
	}
	return n
}

// CommandBody is the JSON body of a command, still encoded but already validated against the command's schema.
type CommandBody struct {
	Body *json.RawMessage
}

// Named holds the id in the path, which alone identifies the aggregate that a request is about.
type Named struct {
	ID string `path:"id" maxLength:"120" pattern:"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\\.([0-9]{1,3}|e)){0,3}(\\.(r[0-9]{1,3}|d[0-9a-f]{8,64}))?|bank\\.d[0-9a-f]{8,64})$" patternDescription:"an id as Terrace gives it" doc:"id of the pilot, project, payment, recovery or difference" example:"0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70"`
}

type createInput struct {
	Idempotent
	CommandBody
}

type commandInput struct {
	Named
	Idempotent
	Conditional
	CommandBody
}

// Answered holds the response headers for an accepted command.
type Answered struct {
	ETag     string `header:"ETag" doc:"version after the command, for If-Match"`
	Replayed string `header:"Idempotency-Replayed" enum:"true" doc:"the same response was given before to this Idempotency-Key"`
}

type commandOutput struct {
	Answered
	Body Answer
}

type createOutput struct {
	Location string `header:"Location" doc:"address of what was created" example:"/v1/pilots/0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70"`
	Answered
	Body Answer
}

// Answer is the response to an accepted command: the receipt, which is always the same for a given Idempotency-Key, and
// the aggregate's current progress.
type Answer struct {
	flow.Receipt
	Progress *Progress `json:"progress,omitempty" doc:"whose turn it is now, for what and until when; missing for senders who may not read the aggregate"`
}

// addressOf returns the URL path of an aggregate.
func addressOf(kind flow.Kind, id string) string { return catalogue.Path(kind) + "/" + id }

// command registers the API operation for a declared command.
func (s *server) command(d *flow.Declaration) {
	op := s.commandOperation(d)
	if d.Creates {
		op.DefaultStatus = http.StatusCreated
		huma.Register(s.huma, op, func(ctx context.Context, in *createInput) (*createOutput, error) {
			id := uuid.Must(uuid.NewV7()).String()
			out, err := s.execute(ctx, d, flow.Command{ID: in.Key, Aggregate: flow.Ref{Kind: d.Aggregate, ID: id}}, in.Body)
			if err != nil {
				return nil, err
			}
			return &createOutput{s.readAt(d.Aggregate, out.Body.Aggregate.ID), out.Answered, out.Body}, nil
		})
		return
	}
	huma.Register(s.huma, op, func(ctx context.Context, in *commandInput) (*commandOutput, error) {
		return s.execute(ctx, d, flow.Command{ID: in.Key, Aggregate: flow.Ref{Kind: d.Aggregate, ID: in.ID}, IfVersion: in.version()}, in.Body)
	})
}

// readAt returns the path from which a new aggregate can be read, or an empty string if its kind has no such path.
func (s *server) readAt(kind flow.Kind, id string) string {
	if item := s.huma.OpenAPI().Paths[addressOf(kind, "{id}")]; item == nil || item.Get == nil {
		return ""
	}
	return addressOf(kind, id)
}

// execute sends a command to the record on behalf of the signed-in user.
func (s *server) execute(ctx context.Context, d *flow.Declaration, c flow.Command, body *json.RawMessage) (*commandOutput, error) {
	c.Name, c.Payload = d.Name, d.New()
	if err := into(body, c.Payload); err != nil {
		return nil, err
	}
	answer, err := s.desk(ctx).Send(ctx, c)
	if err != nil {
		return nil, err
	}
	out := &commandOutput{Answered{ETag: etag(answer.Version)}, Answer{Receipt: answer.Receipt}}
	if answer.Progress != nil {
		shown := progress(*answer.Progress, answer.Places, answer.People)
		out.Body.Progress = &shown
	}
	if answer.Repeated {
		out.Replayed = "true"
	}
	return out, nil
}

func etag(version int) string { return `"` + itoa(version) + `"` }

// commandOperation builds the OpenAPI operation of a command entirely from its declaration.
func (s *server) commandOperation(d *flow.Declaration) huma.Operation {
	path := catalogue.Path(d.Aggregate) + "/{id}/" + d.Name
	if d.Creates {
		path = catalogue.Path(d.Aggregate)
	}
	payload := d.PayloadType()
	schema := s.huma.OpenAPI().Components.Schemas.Schema(payload, true, payload.Name())
	op := s.operation(http.MethodPost, path, sender, doc{
		id: string(d.Aggregate) + "-" + d.Name, tag: tagOf(d.Aggregate), title: d.Title, text: describe(d),
		refusals: append(commandRefusals(d, payload), d.Refuses...),
		params:   []domain.Code{"idempotency-key-missing", "bad-format", "too-long", "unknown-parameter"},
	})
	op.RequestBody = &huma.RequestBody{
		Description: "The command's content. Unknown fields are refused.",
		Required:    !empty(payload),
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schema, Example: s.example(d)}},
	}
	op.MaxBodyBytes = bodyBytes
	op.Middlewares = append(op.Middlewares, s.takesJSON, s.rightFirst(d))
	return op
}

type rightKey struct{}

// rightFirst returns middleware that lets the response to a malformed command depend on whether the sender may send
// that command at all. Otherwise senders might be told to correct a request that they are not allowed to make.
func (s *server) rightFirst(d *flow.Declaration) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		ctx, ref := c.Context(), flow.Ref{Kind: d.Aggregate, ID: c.Param("id")}
		next(huma.WithValue(c, rightKey{}, func() error { return s.desk(ctx).May(ctx, ref, d) }))
	}
}

// commandRefusals returns the codes with which any command can be rejected, together with those that result from the
// schema of its body.
func commandRefusals(d *flow.Declaration, payload reflect.Type) []domain.Code {
	all := []domain.Code{
		"bad-format", "bad-json", "bad-text", "duplicate-key", "too-deep", "wrong-type", "unknown-field",
		"body-too-large", "media-type", "slow-request", "wrong-role", "idempotency-conflict", "not-found",
	}
	if !empty(payload) {
		all = append(all, "missing-body", "missing-field", "too-small", "too-large", "too-short", "blank", "too-long", "too-few", "too-many", "not-allowed")
	}
	if !d.Creates {
		all = append(all, "wrong-stage", "deadline-passed", "stale-version")
		if d.Who.Seat.Refusal != "" {
			all = append(all, d.Who.Seat.Refusal)
		}
	}
	return all
}

// describe returns a text that says who may send a command and during which waits, according to its declaration.
func describe(d *flow.Declaration) domain.Text {
	roles := domain.Text{}
	for i, r := range d.Who.Roles {
		if i > 0 {
			roles.ZH, roles.EN = roles.ZH+"、", roles.EN+" or "
		}
		roles.ZH, roles.EN = roles.ZH+domain.Roles[r].ZH, roles.EN+domain.Roles[r].EN
	}
	seat := d.Who.Seat.Name
	t := text(
		d.Doc.ZH+"。\n\n**谁可以办理** "+roles.ZH+"（席位："+seat.ZH+"）",
		d.Doc.EN+"\n\n**Who** "+roles.EN+" (seat: "+seat.EN+")",
	)
	var whenZH, whenEN []string
	for _, w := range catalogue.All.Waits() {
		for _, exit := range w.Exits {
			if w.Aggregate == d.Aggregate && exit.Command == d.Name {
				whenZH, whenEN = append(whenZH, w.Title.ZH+leads(w, exit, true)), append(whenEN, w.Title.EN+leads(w, exit, false))
			}
		}
	}
	if len(whenZH) > 0 {
		t.ZH += "\n\n**何时** " + strings.Join(whenZH, "；")
		t.EN += "\n\n**While it is awaited** " + strings.Join(whenEN, "; ")
	}
	return t
}

// leads names the stages to which a command can lead when it ends a wait.
func leads(w flow.Wait, exit flow.Exit, chinese bool) string {
	var names []string
	for _, stage := range exit.Leads {
		name := catalogue.All.StageName(stage)
		if chinese {
			names = append(names, name.ZH)
			continue
		}
		names = append(names, name.EN)
	}
	hard := map[bool]string{true: "（逾期不予办理）", false: " (refused after the due day)"}[chinese]
	if !w.Hard {
		hard = ""
	}
	if len(names) == 0 {
		return hard
	}
	return hard + " → " + strings.Join(names, " / ")
}

// takesJSON is middleware that rejects a body that is not JSON in UTF-8, or whose declared size exceeds the limit.
func (s *server) takesJSON(c huma.Context, next func(huma.Context)) {
	if most := c.Operation().MaxBodyBytes; most > 0 && echoOf(c).Request().ContentLength > most {
		s.refuse(c, tooLargeFor(most))
		return
	}
	if !isJSON(c) {
		s.refuse(c, domain.Refuse("media-type", "header.Content-Type", "got", c.Header("Content-Type"), "allowed", "application/json", "allowed-zh", "application/json"))
		return
	}
	next(c)
}
