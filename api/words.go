package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"terrace/domain"
	"terrace/postgres"
)

// about holds the texts of every route that is not a command.
var about = map[string]doc{
	"list-pilots": {
		tag: "Pilots", title: text("试点列表", "List pilots"), params: searchRefusals,
		text: text("按创建时间倒序,只含有权查阅的试点;可按名称、村、组织、编号检索,汉字两字即可。", "Newest first, and only what you may read. They can be searched by titles, villages, organizations and codes; two Chinese characters will do."),
	},
	"get-pilot": {
		tag: "Pilots", title: text("试点详情", "Read a pilot"), params: readRefusals,
		text: text("申报、各项目的审查与决定、现在轮到谁、资金概况与相关地址。社会组织只看到自己的项目。", "The application, what was decided about each proposal, whose turn it is, the money and the addresses of the rest. An organization sees its own proposals only."),
	},
	"get-board": {
		tag: "Pilots", title: text("进度总览", "Read the board"), params: readRefusals,
		text: text("各村项目及其里程碑的状态、期限、是否逾期，以及资助、已付和核定金额；只含有权查阅的项目。", "Every village with its milestones: state, due day, lateness, and what was granted, paid and accepted; of the projects that you may read."),
	},
	"get-timeline": {
		tag: "Pilots", title: text("大事记", "Read a timeline"), params: readRefusals,
		text: text("试点及其项目、付款、追回和差异的全部事件,按先后顺序。", "Every event of the pilot, its projects, payments, recoveries and differences, oldest first."),
	},
	"get-ledger": {
		tag: "Pilots", title: text("账本", "Read the ledger"), params: readRefusals,
		text: text("复式记账的各科目余额,合计恒为零。", "Balances of the double-entry ledger; their sum is always zero."),
	},
	"get-run": {
		tag: "Pilots", title: text("流程状态", "Read the workflows' state"), refusals: []domain.Code{"temporal-away"}, params: readRefusals,
		text: text("试点、项目、付款、追回和差异在 Temporal 中的流程状态。", "What the Temporal workflows of the pilot, its projects, payments, recoveries and differences are doing."),
	},
	"list-projects": {
		tag: "Projects", title: text("项目列表", "List projects"), params: searchRefusals,
		text: text("按创建时间倒序,只含有权查阅的项目;可按名称、村、组织、编号检索,汉字两字即可。", "Newest first, and only what you may read. They can be searched by titles, villages, organizations and codes; two Chinese characters will do."),
	},
	"get-project": {
		tag: "Projects", title: text("项目详情", "Read a project"), params: readRefusals,
		text: text(
			"协议及其变更、拨付批次、里程碑、评估、预算执行、票据、决算、应追回,以及现在轮到谁。票据只有民政部门、审计、该组织和评估机构可见,村委会只见合计;公众只见公示,不见项目。",
			"Agreement and its pending change, tranches, milestones, verdicts, budget against receipts, settlement, debts, and whose turn it is. Receipts are for offices, auditors, the organization and the evaluator; the village committee sees sums. "+
				"The public reads notices alone: no project, no receipt, no debt.",
		),
	},
	"list-payments": {
		tag: "Payments", title: text("付款列表", "List payments"), params: listRefusals,
		text: text("按创建时间倒序,只含有权查阅的付款。", "Newest first, and only what you may read."),
	},
	"get-payment": {
		tag: "Payments", title: text("付款详情", "Read a payment"), params: readRefusals,
		text: text("金额、收款组织、放款人数、付款通道、银行结果是否未明、凭证、是否清讫,以及现在轮到谁。", "Amount, payee, how many officers released it, the gateway, whether the bank's answer is unknown, the voucher, whether it is final, and whose turn it is."),
	},
	"get-payment-batch": {
		tag: "Payments", title: text("当日付款清单", "Read a day's payment batch"), shape: shapeBatch,
		params: []domain.Code{"bad-format", "too-long", "not-allowed", "unknown-parameter"}, refusals: []domain.Code{"no-office"}, produces: batchTypes(),
		text: text(
			"本单位当日发出付款指令、尚待录入凭证或银行处理中的付款,即财务送交银行的清单;合计为全部金额。账号只提供给本单位财务人员,不写入日志。文件中的金额以元为单位,JSON 以分为单位。",
			"The payments of your own office that were instructed on a day and wait for their voucher or for the bank: what finance takes to the bank, with its total. "+
				"Account numbers are given to finance of that office alone and never logged. Amounts are in yuan in the files, in fen in JSON.",
		),
	},
	"list-turns": {
		tag: "Turns", title: text("待办事项", "List turns"), params: turnRefusals,
		text: text(
			"按截止日排列，没有截止日的在后；可选本人待办、本单位待办，或等待他人办理的事项。只含有权查阅的记录。",
			"By due day, those without one last: your own turns, those of your office, organization or village committee, or those of others that you wait for. Only of what you may read.",
		),
	},
	"list-recoveries": {
		tag: "Recoveries", title: text("追回列表", "List recoveries"), params: listRefusals,
		text: text("按创建时间倒序,只含有权查阅的追回。", "Newest first, and only what you may read."),
	},
	"get-recovery": {
		tag: "Recoveries", title: text("追回详情", "Read a recovery"), params: readRefusals,
		text: text("应归还金额、原因、已归还、分期,以及现在轮到谁。应归还的组织可查阅自己的。", "What is owed and why, what has come back, the instalments, and whose turn it is. The organization that owes it reads its own."),
	},
	"list-differences": {
		tag: "Differences", title: text("对账差异列表", "List differences"), params: listRefusals,
		text: text("按发现时间倒序,只含有权查阅的差异;仅民政部门与审计可见。", "Newest first, and only what you may read: differences are for offices and auditors."),
	},
	"get-difference": {
		tag: "Differences", title: text("对账差异详情", "Read a difference"), params: readRefusals,
		text: text("什么与什么不符、各为多少、财务的说明。系统从不自动更正。", "What does not agree with what, both amounts, and what finance found out. Nothing is ever corrected by itself."),
	},
	"enter-bank-statement": {
		tag: "Evidence", title: text("登记银行对账单", "Enter a bank statement"), shape: shapeStatement,
		refusals: append([]domain.Code{"too-short", "too-long", "not-allowed", "no-office", "no-such-file", "bad-statement", "statement-elsewhere", "other-account", "line-differs", "evidence-damaged"}, bodyRefusals...),
		text: text(
			"登记已上传的对账单文件,全部读入或全不读入;文件有误时,问题的 field 指明行号。每晚与账本核对,不符之处成为待说明的差异。同一文件再次登记得到同样的回答(200),无需 Idempotency-Key。",
			"Enters an uploaded file as a statement of your office's account: all of it, or nothing. Of a file that cannot be read, the problem's field names the line. Every night statements are held against the ledger, and what differs becomes a difference for finance. The same file again brings the same answer, with 200; no Idempotency-Key is needed.",
		),
	},
	"list-bank-statements": {
		tag: "Evidence", title: text("银行对账单列表", "List bank statements"), params: listRefusals,
		text: text("按登记时间倒序,只含有权查阅的单位。", "Newest first, of the offices that you may see."),
	},
	"get-trial-balance": {
		tag: "Ledger", title: text("试算平衡表", "Read a trial balance"), shape: shapeMoney[postgres.TrialBalance]("How the accounts stood"),
		params: append([]domain.Code{"one-scope"}, moneyRefusals...), refusals: []domain.Code{"not-found"}, produces: moneyTypes,
		text: text(
			"一个资助项目、一个试点或一个项目在任一时点的各科目借方、贷方累计和余额,由当时为止的全部分录计算。三本账各自合计:整个资助项目或试点的余额合计恒为零。",
			"Debits, credits and balance of every account of a programme, a pilot or a project at any instant, computed from all lines recorded until then. Each of the three books is summed; over a whole programme or pilot the balances sum to zero. Give exactly one of the three.",
		),
	},
	"get-account-statement": {
		tag: "Ledger", title: text("科目对账单", "Read the statement of an account"), shape: shapeMoney[postgres.Statement]("What moved in the account"),
		params: append([]domain.Code{"bad-period", "bad-cursor", "missing-parameter", "wrong-type", "too-small", "too-large"}, moneyRefusals...), refusals: []domain.Code{"not-found", "unknown-account"}, produces: moneyTypes,
		text: text(
			"一个科目在一段时间内的期初余额、逐笔变动(事项、对方科目、金额、余额)和期末余额,按记录时间排列。JSON 分页,Excel 含全部。",
			"The opening balance, every movement with its event, counter account and running balance, and the closing balance of a period, in the order of recording. JSON comes in pages; a workbook holds the whole period.",
		),
	},
	"get-budget": {
		tag: "Ledger", title: text("预算执行情况", "Read a project's budget against its spending"), shape: shapeMoney[postgres.Budget]("The budget against the spending"),
		params: append([]domain.Code{"too-long"}, moneyRefusals...), refusals: []domain.Code{"not-found"}, produces: moneyTypes,
		text: text(
			"按预算科目列出批复和现行预算、已报、待核定、核定、不予认可、可报余额,以及配套和受托支出;并列出资助资金的状况。",
			"For each kind of spending: approved and present budget, reported, to be judged, accepted, disallowed, what may still be reported, and matching and entrusted money; and where the grant stands.",
		),
	},
	"get-fund": {
		tag: "Ledger", title: text("资金总览", "Read where a fund stands"), shape: shapeMoney[postgres.Fund]("Where the fund stands"),
		params: append([]domain.Code{"bad-cursor", "wrong-type", "too-small", "too-large"}, moneyRefusals...), refusals: []domain.Code{"not-found"}, produces: moneyTypes,
		text: text(
			"一个资助项目在任一时点的资金:总额、已下达、可用、承诺、在途、预付、核定支出、应追回、已缴回,按试点和项目列出并相加。只含有权查阅的试点;合计含全部,试点分页,Excel 含全部试点。",
			"A programme's money at any instant: total, allotted, available, committed, in transit, advanced, spent, receivable, returned; by pilot and project, and added up. It holds the pilots that you may read: the sums are over all of them, JSON lists them in pages, newest first, and a workbook holds them all.",
		),
	},
	"upload-evidence": {
		tag: "Evidence", title: text("上传佐证材料", "Upload evidence"), shape: shapeUpload,
		params: []domain.Code{"too-long"}, refusals: []domain.Code{"bad-digest", "media-type", "body-too-large", "slow-request", "empty-file", "digest-mismatch", "storage-full"},
		text: text(
			"以原始内容上传一个文件(不超过 20 MiB),边接收边核对摘要;不符则不保存。同一文件再次上传得到同样的回答(200)。",
			"Send one file as it is, at most 20 MiB. Its digest is checked while it arrives; a file that does not match is not kept. Your same file again brings the same answer, with 200; what others have uploaded makes no difference. No Idempotency-Key is needed: the digest is one.",
		),
	},
	"download-evidence": {
		tag: "Evidence", title: text("下载佐证材料", "Download evidence"), params: []domain.Code{"bad-format"}, refusals: []domain.Code{"not-found", "evidence-damaged"},
		produces: []string{"application/octet-stream"}, shape: shapeDownload,
		text: text("下载前重新核对文件摘要,始终作为附件提供。", "The stored bytes are held against their digest first. Always an attachment, never shown in place."),
	},
	"check-evidence": {
		tag: "Evidence", title: text("核对佐证材料", "Check evidence"), params: []domain.Code{"bad-format"}, refusals: []domain.Code{"not-found", "evidence-damaged"},
		produces: []string{"application/octet-stream"}, shape: shapeCheck,
		text: text("与下载相同,但不含内容。", "The same as a download, without the content."),
	},
	"follow-events": {
		tag: "Events", title: text("全部动态", "Follow all events"), params: []domain.Code{"bad-format"}, refusals: []domain.Code{"stopping"},
		produces: []string{eventStreamType}, shape: shapeStream, text: streamText,
	},
	"follow-pilot": {
		tag: "Events", title: text("一个试点的动态", "Follow one pilot"), params: []domain.Code{"bad-format", "too-long"}, refusals: []domain.Code{"not-found", "stopping"},
		produces: []string{eventStreamType}, shape: shapeStream, text: streamText,
	},
	"list-notices": {
		tag: "Public", title: text("公示列表", "List public notices"), params: listRefusals, refusals: []domain.Code{"database-away", "record-busy"},
		text: text("正在公示的项目、组织、金额和截止日,分页;公示结束即不再列出。", "In pages: project, organization, amount and last day of what is on public notice. A proposal leaves the list when its notice ends."),
	},
	"list-problems": {
		tag: "Public", title: text("问题代码列表", "List problem codes"),
		text: text("接口可能返回的全部问题代码及其含义。", "Every code that a refusal can carry, with its meaning."),
	},
	"get-problem": {
		tag: "Public", title: text("问题代码说明", "Explain a problem code"), params: []domain.Code{"bad-format", "too-long"}, refusals: []domain.Code{"not-found"},
		produces: []string{"application/json", "text/html"}, shape: shapeProblem,
		text: text("浏览器得到网页,程序得到 JSON。", "A page for browsers, JSON for programs."),
	},
	"get-me": {
		tag: "Reference", title: text("当前身份", "Who am I"),
		text: text("令牌所代表的人员、角色、地区和组织。", "Whom the token stands for: roles, place, organization."),
	},
	"list-programmes": {
		tag: "Reference", title: text("资助项目列表", "List programmes"),
		text: text("全部资助项目规则的各个版本。", "Every version of every programme's rules."),
	},
	"get-programme": {
		tag: "Reference", title: text("资助项目规则", "Read a programme"), params: readRefusals, refusals: []domain.Code{"not-found"},
		text: text("一个资助项目的全部规则及其出处。", "All rules of a programme, each with its source; default marks a number of Terrace's own."),
	},
	"list-commands": {
		tag: "Reference", title: text("命令列表", "List commands"),
		text: text("全部命令:谁可以办理、何时可以办理、可能的拒绝。", "Every command as it is declared: who may send it and what it can be refused for."),
	},
	"get-lifecycle": {
		tag: "Reference", title: text("生命周期", "Read the lifecycle"),
		text: text("阶段与出口对照表:等待谁、期限、逾期后果、去向。", "The table of stage and exit: who is awaited, until when, what follows when the day passes, and where each command leads."),
	},
	"get-clock": {
		tag: "Operation", title: text("当前时间", "Read the clock"),
		text: text("各项期限所依据的时间;演示时为虚拟日历。", "The time that deadlines are judged by; a virtual calendar in a demonstration."),
	},
	"move-clock": {
		tag: "Operation", title: text("推进演示日历", "Let the demonstration's calendar run"), shape: shapeJSON,
		refusals: append([]domain.Code{"no-such-route", "until-past"}, bodyRefusals...),
		text:     text("仅在演示中可用:设定虚拟日历可以走到的时刻。系统尚未处理完到期事项时,日历会等待。", "In a demonstration only: sets the moment to which the virtual calendar runs. It waits wherever the system has not yet acted on what is due. Setting the same moment again changes nothing."),
	},
	"get-health": {
		tag: "Operation", title: text("存活检查", "Is the process alive"),
		text: text("进程能够应答。", "The process answers."),
	},
	"get-readiness": {
		tag: "Operation", title: text("就绪检查", "Are commands accepted"), refusals: []domain.Code{"database-away"},
		text: text("数据库可用即可受理命令;Temporal 不可用时状态为 degraded,命令仍可提交。", "Commands need the database alone. With Temporal away the status is degraded, and commands are accepted all the same."),
	},
}

var (
	bodyRefusals = []domain.Code{ // for every JSON body
		"bad-json", "bad-text", "duplicate-key", "too-deep", "missing-body", "missing-field", "unknown-field", "wrong-type", "bad-format", "media-type", "body-too-large", "slow-request",
	}
	listRefusals   = []domain.Code{"bad-cursor", "bad-format", "wrong-type", "too-small", "too-large", "too-long", "unknown-parameter"}
	searchRefusals = append([]domain.Code{"too-short"}, listRefusals...)
	turnRefusals   = append([]domain.Code{"not-allowed"}, listRefusals...)
	readRefusals   = []domain.Code{"bad-format", "wrong-type", "too-small", "too-large", "too-long", "unknown-parameter", "not-found"}
	moneyRefusals  = []domain.Code{"bad-format", "not-allowed", "too-long", "unknown-parameter"}
	streamText     = text(
		"服务器推送事件(SSE)。断线后以 Last-Event-ID 续传,不会遗漏;约每 15 秒有心跳;服务停止时以 bye 事件结束。",
		"Server-sent events. After a break, Last-Event-ID goes on where the stream ended, and nothing is missed. A comment every 15 seconds shows that it lives; a bye event ends it. Each message's data is an Event in JSON.",
	)
)

func (d doc) shaped(s *server, op *huma.Operation) {
	if d.shape != nil {
		d.shape(s, op)
	}
}

func shapeJSON(s *server, op *huma.Operation) {
	op.MaxBodyBytes = bodyBytes
	op.Middlewares = append(op.Middlewares, s.takesJSON)
}

func shapeStatement(s *server, op *huma.Operation) {
	shapeJSON(s, op)
	op.Responses["201"] = &huma.Response{Description: "Entered now for the first time", Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/BankStatement"}},
	}}
}

func shapeUpload(_ *server, op *huma.Operation) {
	op.RequestBody = &huma.RequestBody{Required: true, Description: "The file itself.", Content: map[string]*huma.MediaType{}}
	for _, mediaType := range allowedTypes() {
		op.RequestBody.Content[mediaType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	op.Responses["201"] = &huma.Response{Description: "Stored now for the first time", Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/File"}},
	}}
}

func shapeDownload(_ *server, op *huma.Operation) {
	content := map[string]*huma.MediaType{}
	for _, mediaType := range allowedTypes() {
		content[mediaType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	op.Responses["200"] = &huma.Response{Description: "The file", Headers: fileHeaders(), Content: content}
}

func shapeBatch(s *server, op *huma.Operation) {
	file := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	schema := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[PaymentBatch](), true, "PaymentBatch")
	op.Responses["200"] = &huma.Response{Description: "The day's payments", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schema}, csvType: file, xlsxType: file,
	}}
}

func shapeCheck(_ *server, op *huma.Operation) {
	op.Responses["200"] = &huma.Response{Description: "The file is there and undamaged", Headers: fileHeaders()}
}

func fileHeaders() map[string]*huma.Param {
	header := func(words string) *huma.Param {
		return &huma.Param{Description: words, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return map[string]*huma.Param{
		"Content-Digest":      header("SHA-256 of the file (RFC 9530)"),
		"Content-Disposition": header("attachment, with the file's name"),
		"ETag":                header("the file's SHA-256"),
	}
}

func shapeStream(_ *server, op *huma.Operation) {
	op.Responses["200"] = &huma.Response{Description: "A stream of events", Content: map[string]*huma.MediaType{
		eventStreamType: {
			Schema:  &huma.Schema{Type: huma.TypeString, Description: "id is the event's position, event its aggregate and name, data an Event in JSON"},
			Example: "id: 120400\nevent: pilot.submitted\ndata: {\"position\":120400,\"aggregate\":{\"kind\":\"pilot\",\"id\":\"0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70\"},\"seq\":3,\"name\":\"submitted\"}\n\n",
		},
	}}
}

func shapeProblem(s *server, op *huma.Operation) {
	schema := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[ProblemInfo](), true, "ProblemInfo")
	op.Responses["200"] = &huma.Response{Description: http.StatusText(http.StatusOK), Content: map[string]*huma.MediaType{
		"application/json": {Schema: schema},
		"text/html":        {Schema: &huma.Schema{Type: huma.TypeString}},
	}}
}
