package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"terrace/desk"
	"terrace/domain"
	"terrace/domain/flow"
)

// permission specifies who may call a route. What callers see is then decided by their desk, and who may send a command
// by the command itself.
type permission struct {
	open  bool          // no token is needed
	roles []domain.Role // the caller must have one of these roles; if empty, any role is enough
	words domain.Text
}

var (
	anyone      = permission{open: true, words: text("任何人，无需登录", "anyone, without a token")}
	signedIn    = permission{words: text("持有令牌者", "whoever has a token")}
	sender      = permission{} // for commands, each of which declares the role and seat that it requires
	reader      = permission{words: text("有权查阅该记录者；其他人视为没有（404）", "whoever may read the record; for others it does not exist (404)")}
	wholeReader = permission{words: text("有权查阅全部内容的民政部门与审计；其他人视为没有（404）", "offices and auditors who may read the whole pilot; for others it does not exist (404)")}
	fileReader  = permission{words: text("上传者、审计，以及有权查阅引用该文件的记录者；其他人视为没有（404）", "whoever uploaded it, auditors, and readers of a record that shows it; for others it does not exist (404)")}
	working     = permission{
		words: text("承办试点的各方人员", "people who work on pilots"),
		roles: []domain.Role{domain.CaseOfficer, domain.Approver, domain.Finance, domain.Applicant, domain.Expert, domain.Evaluator, domain.Village},
	}
	following   = permission{words: text("各级民政部门与审计", "civil-affairs offices and auditors"), roles: append([]domain.Role{domain.Auditor}, flow.Offices...)}
	officesOnly = permission{words: text("各级民政部门", "civil-affairs offices"), roles: flow.Offices}
	appointing  = permission{words: text("经办人员，由其组建评审小组", "case officers, who appoint panels"), roles: []domain.Role{domain.CaseOfficer}}
	conducting  = permission{words: text("演示中的经办人员", "a case officer, in a demonstration"), roles: []domain.Role{domain.CaseOfficer}}
)

// scheme is the name of the sign-in scheme in the OpenAPI document.
const scheme = "token"

type (
	actorKey struct{}
	tokenKey struct{}
)

// actorOf returns the sender of the request, or the zero Actor if the route needs no token.
func actorOf(ctx context.Context) domain.Actor {
	actor, _ := ctx.Value(actorKey{}).(domain.Actor)
	return actor
}

// ofOffice returns the sender of the request, who must work in an office.
//
// Errors: no-office.
func ofOffice(ctx context.Context) (domain.Actor, error) {
	actor := actorOf(ctx)
	if actor.Place == "" {
		return actor, domain.Refuse("no-office", "", "place-zh", "—", "place-en", "—")
	}
	return actor, nil
}

// still reports whether the sender's token is still valid and the sender's details are unchanged since the request
// began. If this cannot be determined, it reports true.
func (s *server) still(ctx context.Context) bool {
	header, _ := ctx.Value(tokenKey{}).(string)
	now, err := s.signIn(ctx, header)
	if _, refused := domain.Refused(err); refused {
		return false
	}
	return err != nil || reflect.DeepEqual(now, actorOf(ctx))
}

// desk returns the sender's desk.
func (s *server) desk(ctx context.Context) *desk.Desk { return s.desks.Of(actorOf(ctx)) }

// admit returns middleware that admits a request only if its sender may call the route.
//
// Errors: unauthenticated, wrong-role.
func (s *server) admit(p permission) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		if p.open {
			next(c)
			return
		}
		actor, err := s.signIn(c.Context(), c.Header("Authorization"))
		if err == nil {
			err = p.admits(actor)
		}
		if err != nil {
			s.refuse(c, err)
			return
		}
		c = huma.WithValue(c, tokenKey{}, c.Header("Authorization"))
		next(huma.WithValue(c, actorKey{}, actor))
	}
}

// signIn returns the person identified by a bearer token (RFC 6750).
func (s *server) signIn(ctx context.Context, header string) (domain.Actor, error) {
	kind, token, _ := strings.Cut(header, " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(kind, "Bearer") || token == "" {
		return domain.Actor{}, domain.Refuse("unauthenticated", "header.Authorization")
	}
	actor, err := s.Store.ActorByToken(ctx, token)
	if refused, ok := domain.Refused(err); ok {
		return domain.Actor{}, domain.Refuse(refused.Code, "header.Authorization")
	}
	return actor, err
}

// describe returns the line in an operation's documentation that says who may call it. It is empty for commands, whose
// own descriptions say so.
func (p permission) describe() string {
	if p.words.EN == "" {
		return ""
	}
	return "\n\n**Permission** " + p.words.EN + " · **权限** " + p.words.ZH
}

func (p permission) admits(a domain.Actor) error {
	if len(p.roles) == 0 || (domain.Party{Roles: p.roles}).HoldsRole(a) {
		return nil
	}
	return domain.WrongRole(p.roles, a)
}

// refuse responds to a request that is rejected before it reaches a handler.
func (s *server) refuse(c huma.Context, err error) {
	p := problemOf(c.Context(), explain(c.Context(), err))
	for name, values := range p.header {
		c.SetHeader(name, values[0])
	}
	c.SetHeader("Content-Type", problemType)
	c.SetStatus(p.Status)
	if c.Method() != http.MethodHead {
		_ = strictJSON.Marshal(c.BodyWriter(), p) // the client may have disconnected
	}
}
