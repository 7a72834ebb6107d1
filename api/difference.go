package api

import (
	"context"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/postgres"
)

// Difference is a discrepancy found by the reconciliation (差异), as shown to offices and auditors.
type Difference struct {
	ID          string                 `json:"id"`
	Version     int                    `json:"version" doc:"for If-Match, as in ETag"`
	Stage       flow.Stage             `json:"stage"`
	StageName   domain.Text            `json:"stage_name"`
	Pilot       string                 `json:"pilot,omitempty" doc:"id of the pilot it belongs to, if any"`
	Programme   flow.ProgrammeRef      `json:"programme"`
	Home        string                 `json:"home" doc:"place of the office whose books they are (GB/T 2260)"`
	HomeName    domain.Text            `json:"home_name,omitzero" doc:"missing if the place is not registered"`
	What        difference.Discrepancy `json:"what"`
	WhatName    domain.Text            `json:"what_name"`
	Subject     string                 `json:"subject" doc:"the payment, the account, or the bank's transaction number"`
	ExpectedFen money.Fen              `json:"expected_fen" doc:"in the ledger"`
	FoundFen    money.Fen              `json:"found_fen" doc:"at the bank, or in the record"`
	Statement   string                 `json:"statement,omitempty" doc:"SHA-256 of the bank statement it was found in"`
	Detail      string                 `json:"detail,omitempty"`
	Explanation string                 `json:"explanation,omitempty" doc:"finance's explanation; a correction needs a separate command"`
	Progress    Progress               `json:"progress" doc:"whose turn, what, until when"`
	Doable
	Links DifferenceLinks `json:"links"`
}

// DifferenceLinks holds the URLs of the records that a difference concerns.
type DifferenceLinks struct {
	Pilot string `json:"pilot,omitempty" format:"uri-reference"`
}

type differenceOutput struct {
	Versioned
	Body Difference
}

// difference returns one difference, if the caller may read it.
//
// Errors: not-found.
func (s *server) difference(ctx context.Context, in *namedInput) (*differenceOutput, error) {
	sheet, err := s.desk(ctx).ReadWhole(ctx, flow.Ref{Kind: difference.Kind, ID: in.ID})
	if err != nil {
		return nil, err
	}
	d := sheet.State.(*difference.Difference)
	out := &differenceOutput{Versioned{etag(d.Version)}, Difference{
		ID: d.ID, Version: d.Version, Stage: d.Stage, StageName: catalogue.All.StageName(d.Stage), Pilot: d.Pilot, Programme: d.Record.Programme, Home: d.Home, HomeName: placeName(sheet.Places, d.Home),
		What: d.What, WhatName: difference.Discrepancies[d.What], Subject: d.Subject, ExpectedFen: d.ExpectedFen, FoundFen: d.FoundFen,
		Statement: d.Statement, Detail: d.Detail, Explanation: d.Explanation,
		Progress: progressOf(sheet), Doable: doable(sheet),
	}}
	if d.Pilot != "" {
		out.Body.Links.Pilot = addressOf(pilot.Kind, d.Pilot)
	}
	return out, nil
}

type differencesInput struct {
	Narrowing
	OfPilot
}

func (in differencesInput) filter() postgres.Filter {
	f := in.Narrowing.filter()
	f.Pilot = in.Pilot
	return f
}

// DifferenceItem is a difference in a list.
type DifferenceItem struct {
	Entry
	Pilot       string                 `json:"pilot,omitempty"`
	Place       string                 `json:"place" doc:"of the office whose books they are"`
	PlaceName   domain.Text            `json:"place_name,omitzero" doc:"missing if the place is not registered"`
	What        difference.Discrepancy `json:"what"`
	WhatName    domain.Text            `json:"what_name"`
	Subject     string                 `json:"subject"`
	ExpectedFen money.Fen              `json:"expected_fen"`
	FoundFen    money.Fen              `json:"found_fen"`
}

func differenceItem(r postgres.DifferenceRow, places *place.Table) DifferenceItem {
	what := difference.Discrepancy(r.What)
	return DifferenceItem{
		Entry: entry(difference.Kind, r.ID, r.Version, r.Stage, r.Ended, r.Due), Pilot: r.Pilot, Place: r.Place, PlaceName: placeName(places, r.Place),
		What: what, WhatName: difference.Discrepancies[what], Subject: r.Subject, ExpectedFen: r.ExpectedFen, FoundFen: r.FoundFen,
	}
}
