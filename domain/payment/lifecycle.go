package payment

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/plan"
	"terrace/domain/programme"
)

// The stages of a payment (付款).
const (
	Release      flow.Stage = "release"      // two officers have to release the payment
	Window       flow.Stage = "window"       // released and waiting for the next working day (等待付款日)
	Instruction  flow.Stage = "instruction"  // Terrace is sending the order to the bank
	Clearing     flow.Stage = "clearing"     // the bank has received the order, or may have
	Confirmation flow.Stage = "confirmation" // an officer has to pay and enter the voucher
	Posted       flow.Stage = "posted"       // paid, but the bank may still send the money back
	Final        flow.Stage = "final"        // paid, and the bank can no longer send the money back
	Voided       flow.Stage = "voided"       // abandoned before anything was paid (作废)
	Returned     flow.Stage = "returned"     // the bank sent the money back (退汇)
)

var stages = []flow.StageDecl{
	flow.Passes(Release, "双人复核", "release"),
	flow.Passes(Window, "等待付款日", "payment window"),
	flow.Passes(Instruction, "付款指令", "instruction"),
	flow.Passes(Clearing, "银行处理中", "clearing"),
	flow.Passes(Confirmation, "付款凭证确认", "confirmation"),
	flow.Ends(Posted, "已入账", "posted"),
	flow.Ends(Final, "已最终确认（退汇期满）", "final"),
	flow.Ends(Voided, "已作废", "voided"),
	flow.Ends(Returned, "已退汇", "returned"),
}

// steps lists the transitions between a payment's stages, for the diagram on the lifecycle page.
var steps = []flow.Step{
	flow.Arrow("", Release, "open"),
	flow.Arrow(Release, Instruction, "release"),
	flow.Arrow(Release, Window, "release"),
	flow.Arrow(Release, Voided, "void"),
	flow.Arrow(Release, Voided, "stop"),
	flow.Arrow(Window, Instruction, "window/lapse"),
	flow.Arrow(Window, Voided, "void"),
	flow.Arrow(Window, Voided, "stop"),
	flow.Arrow(Instruction, Confirmation, "record-instruction"),
	flow.Arrow(Instruction, Clearing, "record-instruction"),
	flow.Arrow(Instruction, Posted, "record-instruction"),
	flow.Arrow(Instruction, Voided, "record-instruction"),
	flow.Arrow(Instruction, Returned, "record-instruction"),
	flow.Arrow(Clearing, Posted, "record-instruction"),
	flow.Arrow(Clearing, Posted, "confirm"),
	flow.Arrow(Clearing, Voided, "record-instruction"),
	flow.Arrow(Clearing, Returned, "record-instruction"),
	flow.Arrow(Clearing, Returned, "return-payment"),
	flow.Arrow(Confirmation, Posted, "confirm"),
	flow.Arrow(Confirmation, Returned, "return-payment"),
	flow.Arrow(Posted, Final, "payment-end/lapse"),
	flow.Arrow(Posted, Final, "record-instruction"),
	flow.Arrow(Posted, Final, "confirm"),
	flow.Arrow(Posted, Returned, "record-instruction"),
	flow.Arrow(Posted, Returned, "return-payment"),
}

// The keys of a payment's waits.
const (
	AwaitRelease      flow.WaitKey = "release"
	AwaitWindow       flow.WaitKey = "window"
	AwaitInstruction  flow.WaitKey = "instruction"
	AwaitClearing     flow.WaitKey = "clearing"
	AwaitConfirmation flow.WaitKey = "confirmation"
	AwaitPaymentEnd   flow.WaitKey = "payment-end"
	AwaitFinalAnswer  flow.WaitKey = "final-answer"
)

// waits declares the lifecycle of a payment: who has to act in each stage, by when, and what happens next.
var waits = []flow.Wait{
	{
		Key: AwaitRelease, Stages: []flow.Stage{Release}, Row: 8,
		Title: domain.T("复核付款（两名人员）", "release the payment (two officers)"),
		Who:   flow.In(plan.HomeOffice, domain.Finance, domain.Approver), Term: TrancheTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits:       []flow.Exit{flow.Leads("release", Instruction, Window), flow.Leads("void", Voided), flow.Leads("stop", Voided)},
	},
	{
		Key: AwaitWindow, Stages: []flow.Stage{Window}, Row: 8,
		Title: domain.T("等待下一个工作日付款", "wait for the next working day, when payments go out"),
		Who:   flow.Itself, Due: domain.T("下一个工作日的前一日", "the day before the next working day"), Hard: true,
		Consequence: domain.T("向银行发出付款指令", "the bank is instructed"),
		Exits:       []flow.Exit{flow.Leads("void", Voided), flow.Leads("stop", Voided)},
	},
	{
		Key: AwaitInstruction, Stages: []flow.Stage{Instruction}, Row: 8,
		Title: domain.T("向银行发出付款指令", "instruct the bank"),
		Who:   flow.Itself, Due: domain.T("即时", "at once"),
		Consequence: domain.T("系统重试至成功", "retried until it succeeds"),
		Exits:       []flow.Exit{flow.Leads("record-instruction", Confirmation, Clearing, Posted, Voided, Returned)},
	},
	{
		Key: AwaitClearing, Stages: []flow.Stage{Clearing}, Row: 8,
		Title: domain.T("等待银行处理付款，逾期由财务查明", "wait for the bank to execute the payment; once overdue, find out what happened"),
		Who:   flow.In(plan.HomeOffice, domain.Finance), Term: TrancheTerm,
		Consequence: domain.T("逾期上报，由财务凭单确认或登记退汇", "overdue: reported to the office above; finance confirms by slip or records the return"),
		Exits: []flow.Exit{
			flow.Leads("record-instruction", Posted, Voided, Returned),
			flow.Leads("confirm", Posted),
			flow.Leads("return-payment", Returned),
		},
	},
	{
		Key: AwaitConfirmation, Stages: []flow.Stage{Confirmation}, Row: 8,
		Title: domain.T("录入付款凭证", "enter the voucher"),
		Who:   flow.In(plan.HomeOffice, domain.Finance), Term: TrancheTerm,
		Consequence: domain.T("逾期上报", "overdue: reported to the office above"),
		Exits: []flow.Exit{
			flow.Leads("confirm", Posted),
			flow.Leads("return-payment", Returned),
		},
	},
	{
		Key: AwaitPaymentEnd, Stages: []flow.Stage{Posted}, Row: 8,
		Title: domain.T("等待退汇期届满", "wait for the time to end in which banks send money back"),
		Who:   flow.Itself, Term: FinalityTerm, Hard: true,
		Consequence: domain.T("无退汇的最终确认；经银行付款的，先向银行核对", "if not sent back, the payment is final; where a bank paid, it is asked first"),
		Exits:       []flow.Exit{flow.Leads("return-payment", Returned)},
	},
	{
		Key: AwaitFinalAnswer, Stages: []flow.Stage{Posted}, Row: 8,
		Title: domain.T("等待银行确认款项未退汇，逾期由财务查明", "wait for the bank to confirm that the money was not sent back; once overdue, find out what happened"),
		Who:   flow.In(plan.HomeOffice, domain.Finance), Term: FinalityTerm,
		Consequence: domain.T("逾期上报，由财务凭单确认或登记退汇", "overdue: reported to the office above; finance confirms by slip or records the return"),
		Exits: []flow.Exit{
			flow.Leads("record-instruction", Final, Returned),
			flow.Leads("confirm", Final),
			flow.Leads("return-payment", Returned),
		},
	},
}

// The terms that a programme can set for payments, with their defaults.
var (
	TrancheTerm  = flow.Term{Key: "tranche", Name: domain.T("拨付", "payment of a tranche"), Default: programme.Term{Days: 15, Unit: calendar.WorkingDays, Source: "地方管理办法：签订协议后15个工作日内拨付"}}       // time for paying, counted from the date on which the tranche's conditions are met (付款)
	FinalityTerm = flow.Term{Key: "finality", Name: domain.T("退汇期", "period for returns by the bank"), Default: programme.Term{Days: 10, Unit: calendar.WorkingDays, Source: programme.Default}} // time in which the bank may send money back, counted from the date on which the payment is posted (退汇期)
)

var terms = []flow.Term{
	TrancheTerm, FinalityTerm,
}
