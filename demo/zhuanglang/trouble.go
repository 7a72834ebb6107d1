package zhuanglang

import (
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// Shift is money that an organization moves from one line of its budget to another (预算调剂).
type Shift struct {
	Project  int // the position of the project in the data
	From, To string
	Fen      money.Fen
	On       calendar.Date
}

// One shift that the programme considers small, which takes effect at once, and one that waits for the office's
// approval.
var (
	SmallShift = Shift{Project: 3, From: "travel", To: "materials", Fen: 120_000, On: calendar.On(2018, 5, 14)} // 10 % of the smaller budget line
	LargeShift = Shift{Project: 4, From: "travel", To: "materials", Fen: 144_000, On: calendar.On(2018, 5, 15)} // 12 % of the smaller budget line
)

// Diversion is money that was spent on something other than what its receipts say (挪用), and the repayment of this
// money.
type Diversion struct {
	Project     int // the position of the project in the data
	Kind        string
	Fen         money.Fen
	Found       calendar.Date
	Agreed      calendar.Date   // when the office agreed to the instalments
	Instalments []calendar.Date // of equal amounts; the last is due after the project has been closed
}

// Diverted is the demonstration's diversion, which is discovered after the mid-term report.
var Diverted = Diversion{
	Project: 2, Kind: "training", Fen: 1_800_000,
	Found: calendar.On(2018, 8, 15), Agreed: calendar.On(2018, 8, 22),
	Instalments: []calendar.Date{calendar.On(2018, 10, 15), calendar.On(2018, 12, 14), calendar.On(2019, 3, 15)},
}

// Reuse is an invoice that two projects report (重复报销).
type Reuse struct {
	Project, Report int // the project that reports the invoice again, and in which of its reports
	Of, OfReport    int // the project that reported the invoice first, and in which of its reports
	Kind            string
}

// Reused is the invoice that two projects of the demonstration report.
var Reused = Reuse{Project: 1, Report: 2, Of: 0, OfReport: 1, Kind: "materials"}

// UnspentFen is what the last project does not spend of its budget for services. So its last tranche is not paid, and
// it returns RefundFen of the earlier tranches.
const (
	UnspentFen = 1_850_000 * money.Fen(1)
	RefundFen  = 150_000 * money.Fen(1)
)
