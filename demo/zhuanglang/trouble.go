package zhuanglang

import (
	"terrace/domain/calendar"
	"terrace/domain/money"
)

// Shift is money that an organization moves from one line of its budget to another (预算调剂).
type Shift struct {
	Project  int // index of the project
	From, To string
	Fen      money.Fen
	On       calendar.Date
}

// A small shift, as defined by the programme, takes effect at once and is logged; a large one waits for the office.
var (
	SmallShift = Shift{Project: 3, From: "travel", To: "materials", Fen: 120_000, On: calendar.On(2018, 5, 14)} // 10 % of the smaller line
	LargeShift = Shift{Project: 4, From: "travel", To: "materials", Fen: 144_000, On: calendar.On(2018, 5, 15)} // 12 %
)

// Diversion is money that was spent elsewhere although receipts for it were accepted (挪用), and its repayment.
type Diversion struct {
	Project     int // index of the project
	Kind        string
	Fen         money.Fen
	Found       calendar.Date
	Agreed      calendar.Date   // when the instalments were agreed
	Instalments []calendar.Date // of equal amounts; the last one after the project is closed
}

// Diverted is the demonstration's diversion, discovered after the mid-term.
var Diverted = Diversion{
	Project: 2, Kind: "training", Fen: 1_800_000,
	Found: calendar.On(2018, 8, 15), Agreed: calendar.On(2018, 8, 22),
	Instalments: []calendar.Date{calendar.On(2018, 10, 15), calendar.On(2018, 12, 14), calendar.On(2019, 3, 15)},
}

// Reuse is an invoice that a project reports although another has already reported it (重复报销).
type Reuse struct {
	Project, Report int // who reports it again, and in which report
	Of, OfReport    int // who reported it first, and in which report
	Kind            string
}

// Reused is the demonstration's reused receipt.
var Reused = Reuse{Project: 1, Report: 2, Of: 0, OfReport: 1, Kind: "materials"}

// UnspentFen is what the last project leaves unspent from its services line. Its last tranche is not paid, and RefundFen
// of the earlier payments is returned.
const (
	UnspentFen = 1_850_000 * money.Fen(1)
	RefundFen  = 150_000 * money.Fen(1)
)
