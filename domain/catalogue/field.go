package catalogue

import (
	"reflect"
	"strings"

	"terrace/domain"
)

// FieldName returns the display name of a command's field (字段名称), or an empty text if the field has none. The holder is the struct
// that contains the field.
func FieldName(holder reflect.Type, f reflect.StructField) domain.Text {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if said, ok := fieldNames[holder.Name()+"."+name]; ok {
		return said
	}
	return fieldNames[name]
}

// fieldNames maps fields to their display names. The key is “Struct.field” where the name depends on the struct, and otherwise
// “field”.
var fieldNames = map[string]domain.Text{
	"zh": domain.T("中文", "Chinese"),
	"en": domain.T("英文", "English"),

	// Shared by many commands.
	"reason":            domain.T("理由", "Reason"),
	"remark":            domain.T("备注", "Remarks"),
	"note":              domain.T("说明", "Note"),
	"opinion":           domain.T("意见", "Opinion"),
	"comment":           domain.T("评语", "Comment"),
	"summary":           domain.T("摘要", "Summary"),
	"report":            domain.T("报告文件", "Report file"),
	"outcome":           domain.T("结论", "Verdict"),
	"score":             domain.T("得分", "Score"),
	"finding":           domain.T("查实情况", "Findings"),
	"evidence":          domain.T("佐证材料", "Evidence"),
	"kind":              domain.T("支出类别", "Spending category"),
	"title":             domain.T("名称", "Title"),
	"name":              domain.T("名称", "Name"),
	"key":               domain.T("编号", "Key"),
	"due":               domain.T("截止日期", "Due day"),
	"fen":               domain.T("金额（分）", "Amount (fen)"),
	"voucher":           domain.T("凭证号", "Voucher number"),
	"slip":              domain.T("银行回单", "Bank slip"),
	"sha256":            domain.T("文件摘要", "File digest"),
	"wait":              domain.T("待办事项", "Item awaiting action"),
	"subject":           domain.T("所涉对象", "Subject of the item"),
	"EvidenceFile.kind": domain.T("佐证材料种类", "Kind of evidence"),

	// The application.
	"programme":          domain.T("资助计划", "Programme"),
	"requested_fen":      domain.T("申请金额（分）", "Amount requested (fen)"),
	"purposes":           domain.T("用途", "Purposes"),
	"evaluator":          domain.T("评估机构", "Evaluator"),
	"proposals":          domain.T("申报项目", "Proposals"),
	"proposal":           domain.T("申报项目", "Proposal"),
	"attachments":        domain.T("附件", "Attachments"),
	"organization":       domain.T("社会组织", "Organization"),
	"credit_code":        domain.T("统一社会信用代码", "Unified social credit code"),
	"code_checked":       domain.T("代码已人工核对", "Code checked by hand"),
	"code":               domain.T("项目编号", "Proposal code"),
	"Proposal.kind":      domain.T("项目类别", "Project category"),
	"purpose":            domain.T("用途", "Purpose"),
	"beneficiaries":      domain.T("受益对象", "Beneficiaries"),
	"village":            domain.T("项目村", "Village"),
	"Village.code":       domain.T("村代码", "Village code"),
	"code_vintage":       domain.T("村代码表年份", "Year of the village code table"),
	"matching_fen":       domain.T("配套资金（分）", "Matching funds (fen)"),
	"budget":             domain.T("预算", "Budget"),
	"indicators":         domain.T("绩效指标", "Performance indicators"),
	"unit":               domain.T("计量单位", "Unit"),
	"target":             domain.T("目标值", "Target"),
	"milestones":         domain.T("里程碑", "Milestones"),
	"Milestone.evidence": domain.T("应附佐证材料种类", "Kinds of evidence required"),

	// Review, notice, approval, announcement.
	"experts":         domain.T("评审专家", "Experts"),
	"points":          domain.T("评分", "Points"),
	"recommended_fen": domain.T("建议金额（分）", "Recommended amount (fen)"),
	"interest":        domain.T("利害关系", "Conflict of interest"),
	"grounds":         domain.T("异议理由", "Grounds for the objection"),
	"contact":         domain.T("联系方式", "Contact details"),
	"number":          domain.T("文号", "Document number"),
	"scores":          domain.T("各项得分", "Scores by criterion"),
	"narrative":       domain.T("自评说明", "Self-evaluation narrative"),
	"text":            domain.T("公告内容", "Announcement text"),
	"url":             domain.T("公告网址", "Announcement web address"),

	// The project.
	"account_name":         domain.T("开户名", "Account name"),
	"account_number":       domain.T("账号", "Account number"),
	"milestone":            domain.T("里程碑", "Milestone"),
	"visited_on":           domain.T("走访日期", "Date of visit"),
	"achieved":             domain.T("指标完成值", "Results achieved"),
	"account":              domain.T("决算报告", "Final account"),
	"mark_photos":          domain.T("彩票公益金标识照片", "Photos of the lottery mark"),
	"assets":               domain.T("购置资产", "Assets purchased"),
	"receipts":             domain.T("票据", "Receipts"),
	"invoice":              domain.T("票据号码", "Receipt number"),
	"source":               domain.T("资金来源", "Source of funds"),
	"on":                   domain.T("票据日期", "Receipt date"),
	"file":                 domain.T("票据文件", "Receipt file"),
	"Invoice.title":        domain.T("票据内容", "Receipt details"),
	"JudgeSpending.report": domain.T("支出报告序号", "Spending report number"),
	"disallowed":           domain.T("不予认可的票据", "Disallowed receipts"),
	"donor":                domain.T("捐赠方", "Donor"),
	"breach":               domain.T("是否违约", "Breach of agreement"),

	// Recovery and differences.
	"instalments": domain.T("分期", "Instalments"),
	"explanation": domain.T("差异说明", "Explanation"),
}
