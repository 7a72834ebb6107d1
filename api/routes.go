package api

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"terrace/domain/catalogue"
	"terrace/postgres"
)

// register registers every route with its permission and its handler. The documentation of each route is in words.go,
// under the name of the route.
func (s *server) register() {
	for _, d := range catalogue.All.Commands() { // POST /v1/{collection}/{id}/{command}, permission: sender
		if !d.Internal() {
			s.command(d)
		}
	}

	bind(s, "GET /v1/pilots", signedIn, "list-pilots", listedWithPlaces[pilotsInput](s, postgres.Pilots, pilotItem))
	bind(s, "GET /v1/pilots/{id}", reader, "get-pilot", s.pilot)
	bind(s, "GET /v1/pilots/{id}/proposals", reader, "list-proposals", s.proposals)
	bind(s, "GET /v1/pilots/{id}/board", reader, "get-board", s.board)
	bind(s, "GET /v1/pilots/{id}/timeline", reader, "get-timeline", s.timeline)
	bind(s, "GET /v1/pilots/{id}/ledger", wholeReader, "get-ledger", s.ledger)
	bind(s, "GET /v1/pilots/{id}/run", wholeReader, "get-run", s.run)
	bind(s, "GET /v1/projects", signedIn, "list-projects", listed[projectsInput](s, postgres.Projects, projectItem))
	bind(s, "GET /v1/projects/{id}", reader, "get-project", s.project)
	bind(s, "GET /v1/payments", signedIn, "list-payments", listed[paymentsInput](s, postgres.Payments, paymentItem))
	bind(s, "GET /v1/payments/{id}", reader, "get-payment", s.payment)

	bind(s, "GET /v1/turns", signedIn, "list-turns", s.turns)

	bind(s, "GET /v1/experts", appointing, "list-experts", s.experts)

	s.registerMoney()

	bind(s, "POST /v1/evidence", working, "upload-evidence", s.upload)
	bind(s, "GET /v1/evidence/{sha256}", fileReader, "download-evidence", s.download)
	bind(s, "HEAD /v1/evidence/{sha256}", fileReader, "check-evidence", s.download)

	bind(s, "GET /v1/events", following, "follow-events", s.events)
	bind(s, "GET /v1/pilots/{id}/events", reader, "follow-pilot", s.pilotEvents)

	bind(s, "GET /v1/notices", anyone, "list-notices", s.notices)
	bind(s, "GET /problems", anyone, "list-problems", s.problemInfos)
	bind(s, "GET /problems/{code}", anyone, "get-problem", s.problemInfo)

	bind(s, "GET /v1/me", signedIn, "get-me", s.me)
	bind(s, "GET /v1/programmes", signedIn, "list-programmes", s.programmes)
	bind(s, "GET /v1/programmes/{id}", signedIn, "get-programme", s.programme)
	bind(s, "GET /v1/commands", signedIn, "list-commands", s.commands)
	bind(s, "GET /v1/lifecycle", signedIn, "get-lifecycle", s.lifecycle)

	bind(s, "GET /v1/clock", signedIn, "get-clock", s.clock)
	bind(s, "PUT /v1/clock", conducting, "move-clock", s.runUntil)
	bind(s, "GET /healthz", anyone, "get-health", s.live)
	bind(s, "GET /readyz", anyone, "get-readiness", s.ready)

	s.echo.GET("/docs", s.docsPage)            // anyone
	s.echo.GET("/docs/:file", s.docsFile)      // anyone
	s.echo.GET("/openapi.json", s.openAPIJSON) // anyone
	s.echo.GET("/openapi.yaml", s.openAPIYAML) // anyone
}

// registerMoney registers the routes by which offices, auditors and organizations read about money, and those by which
// finance officers enter statements.
func (s *server) registerMoney() {
	bind(s, "GET /v1/payment-batches", officesOnly, "get-payment-batch", s.paymentBatch)
	bind(s, "GET /v1/recoveries", signedIn, "list-recoveries", listed[recoveriesInput](s, postgres.Recoveries, recoveryItem))
	bind(s, "GET /v1/recoveries/{id}", reader, "get-recovery", s.recovery)
	bind(s, "GET /v1/differences", signedIn, "list-differences", listedWithPlaces[differencesInput](s, postgres.Differences, differenceItem))
	bind(s, "GET /v1/differences/{id}", wholeReader, "get-difference", s.difference)

	bind(s, "POST /v1/bank-statements", financing, "enter-bank-statement", s.enterStatement)
	bind(s, "GET /v1/bank-statements", following, "list-bank-statements", s.bankStatements)

	bind(s, "GET /v1/ledger/trial-balance", bookReader, "get-trial-balance", s.trialBalance)
	bind(s, "GET /v1/ledger/statement", bookReader, "get-account-statement", s.accountStatement)
	bind(s, "GET /v1/projects/{id}/budget", reader, "get-budget", s.budget)
	bind(s, "GET /v1/programmes/{id}/fund", following, "get-fund", s.fund)
}

// bind registers a single route together with its documentation.
func bind[I, O any](s *server, route string, p permission, id string, handle func(context.Context, *I) (*O, error)) {
	d, worded := about[id]
	if !worded {
		panic("route " + route + " has no documentation in about")
	}
	d.id = id
	method, path, _ := strings.Cut(route, " ")
	op := s.operation(method, path, p, d)
	d.shaped(s, &op)
	huma.Register(s.huma, op, handle)
}
