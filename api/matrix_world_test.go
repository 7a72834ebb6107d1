package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"

	"terrace/api"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/postgres"
)

// scene is one world of the matrix: the demonstration's record with everyone in the table, and a neighbouring county
// with its own pilot.
type scene struct {
	*door
	ctx        context.Context
	operations map[string]map[string]operation
	cast       []domain.Actor    // in column order; an empty id stands for a caller without a token
	ids        map[string]string // by section of the table
	used       map[string]string // by person: an Idempotency-Key that is already in use
	wholes     map[string]answer // by operation and id: what the auditor reads
	absent     *sync.Map         // by person, command and attempt: the response if the record does not exist, which is the same in every world
	theirs     string            // id of the neighbours' pilot
	journal    []told
	refs       []flow.Ref // every aggregate in the journal
}

// worlds builds the records that the table's sections need.
var worlds = map[string]func(*scene){
	"application": func(s *scene) {
		s.ids["file attachment"], s.ids["file unused"] = s.uploaded("own-c", "minutes of the county"), s.uploaded("own-c", "a draft of the minutes")
		draft := s.drafted(s.ids["file attachment"])
		s.ids["file application"] = s.uploaded(officer, "a plan of the county")
		submitted := s.submitted(s.ids["file application"])
		s.ids["pilot draft"], s.ids["pilot submitted"], s.ids["pilot neighbour"] = draft.ID, submitted.ID, s.theirs
	},
	"review": func(s *scene) {
		lapsed := s.drafted()
		s.ids["pilot lapsed"], s.ids["pilot review"] = lapsed.ID, s.underReview().ID
		s.passTime(lapsed)
	},
	"notice": func(s *scene) { s.ids["pilot notice"] = s.onNotice().ID },
	"moved": func(s *scene) {
		ref := s.submitted()
		s.do(officer, "accept", ref, &pilot.Accept{})
		s.do(zhuanglang.CountyApprover, "endorse", ref, &pilot.Endorse{Opinion: "同意推荐"})
		county := s.demo.Places()[slices.IndexFunc(s.demo.Places(), func(p place.Place) bool { return p.Code == "620825" })]
		county.Parent, county.Vintage = newCity.Code, 2018
		must(s.t, s.store.Register(s.ctx, postgres.Registry{Places: []place.Place{county}}))
		s.ids["pilot moved"] = ref.ID
	},
	"rollout": rollout,
}

// rollout builds an approved pilot. Its first project has reported a milestone and spending, and owes diverted money.
// The first tranche of its second project is waiting for two officers, and the evaluator has not been paid yet.
func rollout(s *scene) {
	p, first, paid := s.paying()
	s.paid(first, paid, "2018-0001")
	second := s.founded(p, 2)
	waiting := s.signed(second, 2)
	s.ids["house"] = ""
	s.ids["pilot rollout"], s.ids["project first"], s.ids["project second"] = p.ID, first.ID, second.ID
	s.ids["payment paid"], s.ids["payment waiting"] = paid.ID, waiting.ID
	s.ids["file slip"] = shaOf("slip of " + paid.ID)
	s.ids["file milestone"], s.ids["file receipt"] = s.uploaded(firstOrganization, "attendance of 28 February"), s.uploaded(firstOrganization, "an invoice")
	s.do(firstOrganization, "submit-milestone", first, &project.SubmitMilestone{Milestone: "M1", Evidence: []project.EvidenceFile{
		{Kind: "attendance-sheet", SHA256: s.ids["file milestone"]}, {Kind: "village-confirmation", SHA256: s.ids["file milestone"]},
	}})
	s.do(firstOrganization, "report-spending", first, &project.ReportSpending{Receipts: []project.Invoice{{
		Kind: "training", Fen: 2_000_000, Source: project.FromGrant, Number: invoiceOfFirst, On: signedDay, File: s.ids["file receipt"], Title: "苹果树剪枝培训教材",
	}}})
	outcome := s.do(officer, "record-diversion", first, &project.RecordDiversion{Fen: 1_000_000, Finding: "挪作他用", Evidence: []string{s.uploaded(officer, "the finding of the county")}})
	debt := flow.Ref{Kind: recovery.Kind, ID: first.ID + ".r1"}
	s.do(domain.Workflow.ID, "open", debt, ok(outcome.State.(*project.Project).RecoveryOpening(debt.ID))(s.t))
	s.ids["recovery debt"] = debt.ID

	rules := flow.ProgrammeRef{ID: s.demo.Programme, Version: 1}
	evaluator := s.draft().Evaluator
	contract := flow.Ref{Kind: payment.Kind, ID: p.ID + ".e.1"}
	s.do(domain.Workflow.ID, "open", contract, &payment.OpenPayment{
		Payer: p, Pilot: p.ID, Programme: rules, Home: "620825", Account: p.ID + ".e", Attempt: 1, Payee: evaluator.Organization,
		AccountName: evaluator.Name.ZH, Fen: evaluator.Fen, Evaluator: evaluator.CreditCode,
	})
	s.ids["payment contract"] = contract.ID
	found := func(id, of string, what difference.Discrepancy) string {
		s.do(domain.Workflow.ID, "open", flow.Ref{Kind: difference.Kind, ID: id}, &difference.OpenDifference{
			What: what, Home: "620825", Pilot: of, Programme: rules, Subject: paid.ID, FoundFen: 1,
		})
		return id
	}
	s.post(zhuanglang.CountyFinance, "/v1/bank-statements", api.BankStatementEntry{
		SHA256: s.uploaded(zhuanglang.CountyFinance, theStatement), Format: "csv", Account: "专户",
	})
	s.ids["difference ofpilot"] = found(p.ID+".d0123456789abcdef", p.ID, difference.AmountDiffers)
	s.ids["difference ofoffice"] = found("bank.d00000000000000ff", "", difference.BankWithoutLedger)
}

var newCity = place.Place{Code: "620900", Vintage: 2017, Parent: "620000", Level: place.City, ZH: "酒泉市", EN: "Jiuquan"}

// openScene opens the demonstration's record with everyone in the table and the neighbours' pilot.
func openScene(t *testing.T, operations map[string]map[string]operation) *scene {
	t.Helper()
	s := &scene{
		ctx: t.Context(), operations: operations, ids: map[string]string{}, used: map[string]string{}, wholes: map[string]answer{},
		door: open(t, func(c *api.Config) { c.Runs, c.Clock = &temporal{}, &conductor{} }),
	}
	theirs := neighbours{
		township: place.Place{Code: "620826101", Vintage: 2017, Parent: neighbouring.Code, Level: place.Township, ZH: "城关镇", EN: "Chengguan"},
		village:  place.Place{Code: "620826101201", Vintage: 2017, Parent: "620826101", Level: place.Village, ZH: "西关村", EN: "Xiguan"},
		organization: plan.Organization{
			CreditCode: s.demo.RefusedExample.CreditCode, Name: domain.Text{ZH: s.demo.RefusedExample.ZH, EN: s.demo.RefusedExample.EN},
		},
		evaluator: plan.Organization{CreditCode: "91350100M000100Y43", Name: domain.Text{ZH: "邻县评估机构", EN: "The neighbours' evaluator"}},
	}
	s.cast = s.castWith(theirs)
	registry := postgres.Registry{Places: []place.Place{newCity, theirs.township, theirs.village}}
	for _, a := range s.cast {
		if a.ID != "" {
			s.people[a.ID] = a
			registry.People = append(registry.People, postgres.Person{Actor: a, Token: "token-of-" + a.ID})
		}
	}
	must(t, s.store.Register(s.ctx, registry))
	s.theirs = s.neighbours(theirs)
	return s
}

// neighbours are the parties to the neighbouring county's pilot.
type neighbours struct {
	township, village       place.Place
	organization, evaluator plan.Organization
}

// neighbours has the other county submit its pilot and returns the pilot's id.
func (s *scene) neighbours(n neighbours) (id string) {
	s.t.Helper()
	draft := s.draft()
	draft.Proposals = draft.Proposals[:1]
	q := &draft.Proposals[0]
	q.Code, q.Organization = "JN-2017-01", n.organization
	q.Village = plan.Village{Code: string(n.village.Code), Vintage: n.village.Vintage, Name: domain.Text{ZH: n.village.ZH, EN: n.village.EN}}
	draft.Evaluator.Organization = n.evaluator
	s.used["for-c"] = "used"
	a := s.post("for-c", "/v1/pilots", draft, "Idempotency-Key", s.used["for-c"])
	var made struct{ Aggregate flow.Ref }
	must(s.t, json.Unmarshal(a.body, &made))
	s.do("for-c", "submit", made.Aggregate, &pilot.Submit{})
	return made.Aggregate.ID
}

// castWith returns the people of the table's columns.
func (s *scene) castWith(n neighbours) (all []domain.Actor) {
	add := func(id string, a domain.Actor, roles ...domain.Role) {
		a.ID, a.Name, a.Roles = id, domain.Text{ZH: id, EN: id}, roles
		all = append(all, a)
	}
	for _, office := range []struct{ name, place string }{
		{"own", "620825"}, {"for", "620826"}, {"cit", "620800"}, {"new", "620900"}, {"prv", "620000"}, {"twn", "620825103"},
	} {
		for _, role := range flow.Offices {
			add(office.name+"-"+string(role[0]), domain.Actor{Place: office.place}, role)
		}
	}
	first, second := s.demo.Projects[0], s.demo.Projects[1]
	of := func(code string) domain.Actor { return domain.Actor{Organization: code} }
	in := func(code string) domain.Actor { return domain.Actor{Place: code} }
	add("org-1", of(first.Organization.CreditCode), domain.Applicant)
	add("org-2", of(second.Organization.CreditCode), domain.Applicant)
	add("org-x", of(n.organization.CreditCode), domain.Applicant)
	add("expert-1", domain.Actor{}, domain.Expert)
	add("expert-6", domain.Actor{}, domain.Expert)
	add("ev-e", of(s.demo.Evaluator.CreditCode), domain.Evaluator)
	add("ev-x", of(n.evaluator.CreditCode), domain.Evaluator)
	add("vil-1", in(first.Village.Code), domain.Village)
	add("vil-2", in(second.Village.Code), domain.Village)
	add("vil-x", in(string(n.village.Code)), domain.Village)
	add("auditor", in("620000"), domain.Auditor)
	add("public", domain.Actor{}, domain.Public)
	add("", domain.Actor{})
	add("hat-1", domain.Actor{Place: "620826", Organization: first.Organization.CreditCode}, domain.CaseOfficer, domain.Applicant)
	add("hat-2", domain.Actor{Place: first.Village.Code, Organization: second.Organization.CreditCode}, domain.Applicant, domain.Village)
	return all
}

func readAll(t *testing.T, r *http.Response) []byte {
	t.Helper()
	defer func() { _ = r.Body.Close() }()
	return ok(io.ReadAll(r.Body))(t)
}
