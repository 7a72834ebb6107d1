package pilot

import (
	"slices"

	"terrace/domain"
	"terrace/domain/programme"
)

// Stage is where an aggregate stands (阶段).
type Stage string

// WaitKey names a wait: what has to happen before things go on.
type WaitKey string

// Wait is a row of the lifecycle: somebody is awaited in a stage, until a due
// day, with a consequence when it passes, and with the commands that lead on.
// Progress, timers, permissions by stage, screens and docs all derive from it.
type Wait struct {
	Key         WaitKey
	Aggregate   Kind
	Stages      []Stage // in which it can be open
	Row         int     // of the lifecycle, 1 application … 15 archive
	Title       domain.Text
	Who         Who               // whose turn it is
	Term        programme.TermKey // what sets the due day; empty: a set day, or none
	Due         domain.Text       // how the due day is set when Term is empty
	Hard        bool              // refused after the due day, and the consequence takes place by itself
	Consequence domain.Text       // of the due day passing
	Exits       []Exit
	// Standing rows are open throughout their stages, beside whatever is awaited: nobody's turn, no due day.
	Standing bool
}

// Exit is a command that a wait admits, and the stages it may lead to; none: it stays.
type Exit struct {
	Command string
	Leads   []Stage
}

// ByItself tells that nobody needs to act: the machine or the calendar ends the wait.
func (w Wait) ByItself() bool { return w.Who.Seat == Machine }

// The stages of a pilot (试点).
const (
	Applying    Stage = "application" // 申报
	Eligibility Stage = "eligibility" // 资格审查
	Correction  Stage = "correction"  // 补正
	Endorsement Stage = "endorsement" // 审核推荐
	Review      Stage = "review"      // 评审
	Notice      Stage = "notice"      // 公示
	Approval    Stage = "approval"    // 立项
	Rollout     Stage = "rollout"     // 实施; also of a project
	Evaluation  Stage = "evaluation"  // 绩效自评
	Disclosure  Stage = "disclosure"  // 公告
	Sealing     Stage = "sealing"     // 归档 under way
	Archived    Stage = "archived"    // 已归档
	Withdrawn   Stage = "withdrawn"   // 撤回
	Refused     Stage = "refused"     // 不予受理
	Rejected    Stage = "rejected"    // 否决
	Failed      Stage = "failed"      // no proposal is left
)

// The stages of a project (项目).
const (
	Agreement       Stage = "agreement"        // 协议
	FirstTranche    Stage = "first-tranche"    // 首款
	FinalEvaluation Stage = "final-evaluation" // 末期评估
	Settlement      Stage = "settlement"       // 决算
	LastTranche     Stage = "last-tranche"     // 尾款 or 结余退回
	Closing         Stage = "closing"          // 结项
	Closed          Stage = "closed"           // 已结项
	Abandoned       Stage = "abandoned"        // the organization would not sign
	Terminated      Stage = "terminated"       // 终止
)

// The stages of a payment (拨付).
const (
	Release      Stage = "release"      // two officers
	Window       Stage = "window"       // 付款窗口: until the next working day
	Instruction  Stage = "instruction"  // to the bank
	Clearing     Stage = "clearing"     // the bank has it, or may have it
	Confirmation Stage = "confirmation" // by voucher
	Posted       Stage = "posted"       // paid; the bank may still send it back
	Final        Stage = "final"        // paid for good
	Voided       Stage = "voided"       // 作废
	Returned     Stage = "returned"     // 退汇
)

// The stages of a recovery (追回) and of a difference (差异).
const (
	Repayment  Stage = "repayment"  // 归还
	Recovered  Stage = "recovered"  // 追回完毕
	Inspection Stage = "inspection" // 查明原因
	Explained  Stage = "explained"  // 已说明
)

// Stages names every stage in the order of the lifecycle.
var Stages = []struct {
	Stage Stage
	Name  domain.Text
}{
	{Applying, domain.Text{ZH: "申报", EN: "application"}},
	{Eligibility, domain.Text{ZH: "资格审查", EN: "eligibility"}},
	{Correction, domain.Text{ZH: "补正", EN: "correction"}},
	{Endorsement, domain.Text{ZH: "审核推荐", EN: "endorsement"}},
	{Review, domain.Text{ZH: "评审", EN: "expert review"}},
	{Notice, domain.Text{ZH: "公示", EN: "public notice"}},
	{Approval, domain.Text{ZH: "立项", EN: "approval"}},
	{Agreement, domain.Text{ZH: "签订协议", EN: "agreement"}},
	{FirstTranche, domain.Text{ZH: "首款拨付", EN: "first tranche"}},
	{Rollout, domain.Text{ZH: "实施", EN: "rollout"}},
	{FinalEvaluation, domain.Text{ZH: "末期评估", EN: "final evaluation"}},
	{Settlement, domain.Text{ZH: "决算", EN: "settlement"}},
	{LastTranche, domain.Text{ZH: "尾款拨付", EN: "last tranche"}},
	{Closing, domain.Text{ZH: "结项", EN: "closing"}},
	{Closed, domain.Text{ZH: "已结项", EN: "closed"}},
	{Abandoned, domain.Text{ZH: "放弃", EN: "abandoned"}},
	{Terminated, domain.Text{ZH: "终止", EN: "terminated"}},
	{Release, domain.Text{ZH: "双人审核放款", EN: "release"}},
	{Window, domain.Text{ZH: "等待付款日", EN: "payment window"}},
	{Instruction, domain.Text{ZH: "付款指令", EN: "instruction"}},
	{Clearing, domain.Text{ZH: "银行处理中", EN: "clearing"}},
	{Confirmation, domain.Text{ZH: "付款凭证确认", EN: "confirmation"}},
	{Posted, domain.Text{ZH: "已入账", EN: "posted"}},
	{Final, domain.Text{ZH: "已清讫", EN: "final"}},
	{Voided, domain.Text{ZH: "已作废", EN: "voided"}},
	{Returned, domain.Text{ZH: "已退汇", EN: "returned"}},
	{Repayment, domain.Text{ZH: "归还", EN: "repayment"}},
	{Recovered, domain.Text{ZH: "追回完毕", EN: "recovered"}},
	{Inspection, domain.Text{ZH: "差异待查", EN: "inspection"}},
	{Explained, domain.Text{ZH: "差异已说明", EN: "explained"}},
	{Evaluation, domain.Text{ZH: "绩效自评", EN: "self-evaluation"}},
	{Disclosure, domain.Text{ZH: "公告", EN: "announcement"}},
	{Sealing, domain.Text{ZH: "归档中", EN: "sealing"}},
	{Archived, domain.Text{ZH: "已归档", EN: "archived"}},
	{Withdrawn, domain.Text{ZH: "已撤回", EN: "withdrawn"}},
	{Refused, domain.Text{ZH: "不予受理", EN: "refused"}},
	{Rejected, domain.Text{ZH: "否决", EN: "rejected"}},
	{Failed, domain.Text{ZH: "未立项", EN: "failed"}},
}

// StageName is what people read for a stage.
func StageName(stage Stage) domain.Text {
	for _, s := range Stages {
		if s.Stage == stage {
			return s.Name
		}
	}
	return domain.Text{ZH: string(stage), EN: string(stage)}
}

// WaitOf finds a row of the lifecycle by its key.
func WaitOf(key WaitKey) Wait { return waits[key] }

var waits = func() map[WaitKey]Wait {
	m := map[WaitKey]Wait{}
	for _, w := range Waits {
		m[w.Key] = w
	}
	return m
}()

// subjected is a payload about one of several: a milestone, a proposal.
type subjected interface{ subject() string }

// inTime refuses a command that no open wait admits, and one whose hard due day
// has passed: whether or not the lapse has been recorded yet makes no difference.
// After a soft due day it is accepted and late.
func inTime(s State, d *Declaration, p Payload, c Context) (late bool, err error) {
	if d.Creates || d.Name == KeepTimeCommand || d.Name == DischargeCommand {
		return false, nil
	}
	subject := ""
	if sub, ok := p.(subjected); ok {
		subject = sub.subject()
	}
	missed := false
	for _, t := range s.record().Turns {
		w := waits[t.Key]
		if !w.admits(d.Name) || (t.Subject != "" && subject != "" && t.Subject != subject) {
			continue
		}
		late = !t.Due.IsZero() && !c.Now.Before(t.Due.End())
		if !late || !w.Hard {
			return late, nil
		}
		missed = true
	}
	if missed {
		return true, domain.Refuse("deadline-passed", "", "zh", d.Title.ZH, "en", d.Title.EN)
	}
	for _, w := range standing(s) {
		if w.admits(d.Name) {
			return false, nil
		}
	}
	return false, wrongStage(s, d)
}

// standing are the rows that are open in the aggregate's stage without a turn.
func standing(s State) (all []Wait) {
	for _, w := range Waits {
		if w.Standing && w.Aggregate == s.Kind() && slices.Contains(w.Stages, s.record().Stage) {
			all = append(all, w)
		}
	}
	return all
}

func (w Wait) admits(command string) bool {
	return slices.ContainsFunc(w.Exits, func(e Exit) bool { return e.Command == command })
}

func wrongStage(s State, d *Declaration) error {
	stage := StageName(s.record().Stage)
	return domain.Refuse("wrong-stage", "", "stage-zh", stage.ZH, "stage-en", stage.EN, "zh", d.Title.ZH, "en", d.Title.EN)
}
