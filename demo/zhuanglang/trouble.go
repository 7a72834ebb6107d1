package zhuanglang

import (
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// Shift is a transfer between lines of an organization's budget (预算调剂).
type Shift struct {
	Project  int // index of the project in the data
	From, To string
	Fen      money.Fen
	On       calendar.Date
}

// The demonstration's budget shifts. The programme counts the first as small, so it takes effect immediately; the
// second has to wait for the office's approval.
var (
	SmallShift = Shift{Project: 3, From: "travel", To: "materials", Fen: 120_000, On: calendar.On(2018, 5, 14)} // 10% of the smaller budget line
	LargeShift = Shift{Project: 4, From: "travel", To: "materials", Fen: 144_000, On: calendar.On(2018, 5, 15)} // 12% of the smaller budget line
)

// Diversion is money spent on something other than its receipts state (挪用), and the repayment of that money.
type Diversion struct {
	Project     int // index of the project in the data
	Kind        string
	Fen         money.Fen
	Found       calendar.Date
	Agreed      calendar.Date   // date on which the office agreed to the instalments
	Instalments []calendar.Date // due dates of equal instalments; the last falls after the closing of the project
}

// Diverted is the demonstration's case of diversion, which is discovered after the mid-term report.
var Diverted = Diversion{
	Project: 2, Kind: "training", Fen: 1_800_000,
	Found: calendar.On(2018, 8, 15), Agreed: calendar.On(2018, 8, 22),
	Instalments: []calendar.Date{calendar.On(2018, 10, 15), calendar.On(2018, 12, 14), calendar.On(2019, 3, 15)},
}

// Reuse is an invoice that two projects report (重复报销).
type Reuse struct {
	Project, Report int // indexes of the project that reports the invoice again, and of its report
	Of, OfReport    int // indexes of the project that first reported the invoice, and of its report
	Kind            string
}

// Reused is the invoice that two of the demonstration's projects report.
var Reused = Reuse{Project: 1, Report: 2, Of: 0, OfReport: 1, Kind: "materials"}

// UnspentFen is the part of the services budget that the last project does not spend. As a result, its last tranche is
// not paid, and it returns RefundFen from the earlier tranches.
const (
	UnspentFen = 1_850_000 * money.Fen(1)
	RefundFen  = 150_000 * money.Fen(1)
)
