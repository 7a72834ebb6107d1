package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"terrace/domain"
	"terrace/postgres"
)

// about holds the documentation of every route that is not a command.
var about = map[string]doc{
	"list-pilots": {
		tag: "Pilots", title: text("试点列表", "List pilots"), params: searchRefusals,
		text: text("按创建时间倒序，只含您有权查阅的试点；可按名称、村、组织、编号检索，两个汉字即可。", "Newest first, and only what you may read. Search by title, village, organization or code; two Chinese characters are enough."),
	},
	"get-pilot": {
		tag: "Pilots", title: text("试点详情", "Read a pilot"), params: readRefusals,
		text: text("申报内容、各项目的审查与决定、现在轮到谁办理、资金概况与相关地址。社会组织只能查阅自己的项目。", "The application, the decisions about each proposal, whose turn it is, the money, and links to related records. An organization sees only its own proposals."),
	},
	"list-proposals": {
		tag: "Pilots", title: text("申报项目列表", "List proposals"), refusals: []domain.Code{"bad-cursor"}, params: readRefusals,
		text: text("按申报顺序列出试点的申报项目，附各自的审查、评审和批复情况；只含您有权查阅的项目。", "The proposals of the pilot in the order of the application, each with the findings and decisions about it. Includes only those that you may read."),
	},
	"get-board": {
		tag: "Pilots", title: text("进度总览", "Read the board"), params: readRefusals,
		text: text("各村项目及其里程碑的状态、期限、是否逾期，以及资助、已付和核定金额；只含您有权查阅的项目。", "Every village with its milestones: state, deadline, whether it is late, and the amounts granted, paid and accepted. Includes only the projects that you may read."),
	},
	"get-timeline": {
		tag: "Pilots", title: text("大事记", "Read a timeline"), params: readRefusals,
		text: text(
			"试点及其项目、付款、追回和差异的全部事件，按先后顺序。随事件提交的个人信息另行存放，不在响应中返回：personal 列出字段，管理员凭 aggregate 和 seq 查阅、更正或删除（见运维手册）。",
			"Every event of the pilot and of its projects, payments, recoveries and differences, oldest first. Personal data submitted with an event is stored separately and not included in the response: “personal” names its fields, and the administrator can look it up, correct it or erase it by “aggregate” and “seq” (see the operations manual).",
		),
	},
	"get-ledger": {
		tag: "Pilots", title: text("账目", "Read the ledger"), params: readRefusals,
		text: text("复式记账的各科目余额，合计恒为零。", "The balances of the double-entry ledger; their total is always zero."),
	},
	"get-run": {
		tag: "Pilots", title: text("流程状态", "Read the workflows' state"), refusals: []domain.Code{"temporal-away"}, params: readRefusals,
		text: text("试点、项目、付款、追回和差异在 Temporal 中的流程状态。", "The state of the Temporal workflows of the pilot and of its projects, payments, recoveries and differences."),
	},
	"list-projects": {
		tag: "Projects", title: text("项目列表", "List projects"), params: searchRefusals,
		text: text("按创建时间倒序，只含您有权查阅的项目；可按名称、村、组织、编号检索，两个汉字即可。", "Newest first, and only what you may read. Search by title, village, organization or code; two Chinese characters are enough."),
	},
	"get-project": {
		tag: "Projects", title: text("项目详情", "Read a project"), params: readRefusals,
		text: text(
			"协议及其变更、拨付批次、里程碑、评估、预算执行、票据、决算、应追回，以及现在轮到谁办理。票据只有民政部门、审计、该组织和评估机构可以查阅，村民委员会只能查阅合计；公众只能查阅公示，不能查阅项目。",
			"The agreement and any pending change, tranches, milestones, verdicts, budget against receipts, settlement, debts, and whose turn it is. Receipts are shown to offices, auditors, the organization and the evaluator; the village committee sees only totals. "+
				"The public can read notices, but not projects.",
		),
	},
	"list-payments": {
		tag: "Payments", title: text("付款列表", "List payments"), params: filterRefusals,
		text: text("按创建时间倒序，只含您有权查阅的付款。", "Newest first, and only what you may read."),
	},
	"get-payment": {
		tag: "Payments", title: text("付款详情", "Read a payment"), params: readRefusals,
		text: text("金额、收款组织、复核人数、付款通道、银行处理结果是否不明、凭证、是否最终确认（退汇期满），以及现在轮到谁办理。", "Amount, payee, how many officers have released it, gateway, whether the bank's result is unknown, voucher, whether it is final, and whose turn it is."),
	},
	"get-payment-batch": {
		tag: "Payments", title: text("当日付款清单", "Read a day's payment batch"), shape: shapeBatch,
		params: []domain.Code{"bad-format", "too-long", "not-allowed", "unknown-parameter"}, refusals: []domain.Code{"no-office"}, produces: batchTypes(),
		text: text(
			"本单位当日发出付款指令、尚待录入凭证或银行处理中的付款，即财务送交银行的清单，附合计金额。账号只提供给本单位财务人员，不写入日志。文件中的金额以元为单位，JSON 以分为单位。",
			"The payments of your own office that were instructed on the given date and are waiting for a voucher or for the bank: the list that finance takes to the bank, with its total. "+
				"Account numbers are given only to finance officers of that office, and are never logged. Amounts are in yuan in the files and in fen in JSON.",
		),
	},
	"list-turns": {
		tag: "Turns", title: text("待办事项", "List turns"), params: filterRefusals,
		text: text(
			"按截止日排列，没有截止日的排在最后；可选本人待办、本单位（组织、村民委员会）待办，或其他未办事项（等待他人或等待期限）。只含您有权查阅的记录。列表更新略有延迟，记录本身即时更新。",
			"Sorted by deadline, turns without one last. Choose your own turns, those of your office, organization or village committee, or all others that are open and wait for other people or for a deadline. Includes only records that you may read. The list is updated after a short delay; the record itself is updated at once.",
		),
	},
	"list-experts": {
		tag: "Reference", title: text("评审专家名单", "List experts"), params: listRefusals,
		text: text("已登记的评审专家，按编号排列，供组建评审小组（appoint-panel）时选择：编号、姓名，以及所属地区和组织。", "The registered review experts, by id, for the panel of a pilot (appoint-panel): id, name, and the place and organization that they belong to, if any."),
	},
	"list-recoveries": {
		tag: "Recoveries", title: text("追回列表", "List recoveries"), params: filterRefusals,
		text: text("按创建时间倒序，只含您有权查阅的追回事项。", "Newest first, and only what you may read."),
	},
	"get-recovery": {
		tag: "Recoveries", title: text("追回详情", "Read a recovery"), params: readRefusals,
		text: text("应归还金额及原因、已归还金额、分期安排，以及现在轮到谁办理。社会组织可查阅本组织的追回事项。", "The amount owed and the reason, the amount repaid, the instalments, and whose turn it is. An organization can read its own recoveries."),
	},
	"list-differences": {
		tag: "Differences", title: text("对账差异列表", "List differences"), params: filterRefusals,
		text: text("按发现时间倒序，只含您有权查阅的差异；仅民政部门与审计可以查阅。", "Newest first, and only what you may read. Differences are shown only to offices and auditors."),
	},
	"get-difference": {
		tag: "Differences", title: text("对账差异详情", "Read a difference"), params: readRefusals,
		text: text("不符的事项、双方金额及财务说明。系统从不自动更正。", "What does not match, both amounts, and finance's explanation. Nothing is ever corrected automatically."),
	},
	"enter-bank-statement": {
		tag: "Evidence", title: text("登记银行对账单", "Enter a bank statement"), shape: shapeStatement,
		refusals: append([]domain.Code{"too-short", "blank", "too-long", "not-allowed", "no-office", "no-such-file", "bad-statement", "statement-elsewhere", "other-account", "number-elsewhere", "line-differs", "evidence-damaged"}, bodyRefusals...),
		text: text(
			"登记已上传的对账单文件，全部读入或全不读入；文件有误时，field 指明有误的行。每晚据此对账，不符之处列为待说明的差异。重复登记同一文件，返回相同结果（200），无需 Idempotency-Key。",
			"Enters an uploaded file as a statement of your office's account: all of it, or nothing. If the file cannot be read, the problem's field names the line. Every night statements are compared with the ledger, and each difference becomes a task for finance. Entering the same file again returns the same result, with status 200; no Idempotency-Key is needed.",
		),
	},
	"list-bank-statements": {
		tag: "Evidence", title: text("银行对账单列表", "List bank statements"), params: filterRefusals,
		text: text("按登记时间倒序，只含您有权查阅的单位的对账单。", "Newest first, and only statements of offices that you may see."),
	},
	"get-trial-balance": {
		tag: "Ledger", title: text("试算平衡表", "Read a trial balance"), shape: shapeMoney[postgres.TrialBalance]("How the accounts stood"),
		params: append([]domain.Code{"one-scope"}, moneyRefusals...), refusals: []domain.Code{"not-found"}, produces: moneyTypes,
		text: text(
			"一个资助计划、试点或项目在任一时点的各科目借方、贷方累计和余额，根据截至该时点的全部分录计算。三本账各自合计；整个资助计划或试点的余额合计恒为零。资助计划、试点、项目须且只能指定一个。",
			"Debits, credits and balance of every account of a programme, a pilot or a project at any instant, computed from all ledger lines recorded up to then. Each of the three books has its own total; over a whole programme or pilot the balances total zero. Specify exactly one of programme, pilot and project.",
		),
	},
	"get-account-statement": {
		tag: "Ledger", title: text("科目对账单", "Read an account statement"), shape: shapeMoney[postgres.Statement]("What moved in the account"),
		params: append([]domain.Code{"bad-period", "bad-cursor", "missing-parameter", "wrong-type", "too-small", "too-large"}, moneyRefusals...), refusals: []domain.Code{"not-found", "unknown-account"}, produces: moneyTypes,
		text: text(
			"一个科目在一段时间内的期初余额、逐笔变动（事项、对方科目、金额、余额）和期末余额，按记录时间排列。JSON 分页返回，Excel 含全部记录。",
			"The opening balance of a period, every movement with its event, counter account and running balance, and the closing balance, in the order of recording. JSON is returned in pages; the Excel workbook covers the whole period.",
		),
	},
	"get-budget": {
		tag: "Ledger", title: text("预算执行情况", "Read a project's budget against its spending"), shape: shapeMoney[postgres.Budget]("The budget against the spending"),
		params: append([]domain.Code{"too-long"}, moneyRefusals...), refusals: []domain.Code{"not-found"}, produces: moneyTypes,
		text: text(
			"按预算科目列出批复和现行预算、已报支出、待核定、核定、不予认可、可报余额，以及配套和受托支出；并列出资助资金的状况。",
			"For each kind of spending: the approved and the current budget; the amounts reported, awaiting review, accepted, disallowed and still available; and matching and entrusted spending. Also the state of the grant.",
		),
	},
	"get-fund": {
		tag: "Ledger", title: text("资金总览", "Read the state of a fund"), shape: shapeMoney[postgres.Fund]("Where the fund stands"),
		params: append([]domain.Code{"bad-cursor", "wrong-type", "too-small", "too-large"}, moneyRefusals...), refusals: []domain.Code{"not-found"}, produces: moneyTypes,
		text: text(
			"一个资助计划在任一时点的资金：总额、已下达、可用、承诺、在途、预付、核定支出、应追回、已缴回，按试点和项目列出并合计。只含您有权查阅的试点：合计涵盖全部，JSON 按创建时间倒序分页列出试点，Excel 列出全部试点。",
			"A programme's money at any instant: total, allotted, available, committed, in transit, advanced, spent, receivable and returned, by pilot and project, with totals. Includes only the pilots that you may read: the totals cover all of them, JSON lists them in pages, newest first, and the Excel workbook lists them all.",
		),
	},
	"upload-evidence": {
		tag: "Evidence", title: text("上传佐证材料", "Upload evidence"), shape: shapeUpload,
		params: []domain.Code{"too-long"}, refusals: []domain.Code{"bad-digest", "media-type", "unsupported-charset", "content-differs", "body-too-large", "slow-request", "empty-file", "digest-mismatch", "storage-full"},
		text: text(
			"以原始内容上传一个文件（不超过 20 MiB），边接收边核对摘要；不符则不保存。重复上传同一文件，返回相同结果（200），不受他人是否上传过的影响；摘要即作幂等键，无需 Idempotency-Key。",
			"Send one file as the raw request body; the limit is 20 MiB. Its digest is checked during the upload, and a file that does not match is not kept. Uploading the same file again returns the same result, with status 200, whether or not others have uploaded it. No Idempotency-Key is needed: the digest serves as one.",
		),
	},
	"download-evidence": {
		tag: "Evidence", title: text("下载佐证材料", "Download evidence"), params: []domain.Code{"bad-format"}, refusals: []domain.Code{"not-found", "evidence-damaged"},
		produces: []string{"application/octet-stream"}, shape: shapeDownload,
		text: text("下载前重新核对文件摘要，始终作为附件提供。", "The stored bytes are checked against their digest first. The file is always sent as an attachment and never shown inline."),
	},
	"check-evidence": {
		tag: "Evidence", title: text("核对佐证材料", "Check evidence"), params: []domain.Code{"bad-format"}, refusals: []domain.Code{"not-found", "evidence-damaged"},
		produces: []string{"application/octet-stream"}, shape: shapeCheck,
		text: text("与下载相同，但不含内容。", "Like the download, without the content."),
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
		text: text("正在公示的项目、组织、金额和截止日，分页；公示结束即不再列出。", "Project, organization, amount and last day of everything on public notice, in pages. A proposal leaves the list when its notice ends."),
	},
	"list-problems": {
		tag: "Public", title: text("错误代码列表", "List error codes"),
		text: text("接口可能返回的全部错误代码及其含义。", "Every code that a refusal can have, with its meaning."),
	},
	"get-problem": {
		tag: "Public", title: text("错误代码说明", "Explain an error code"), params: []domain.Code{"bad-format", "too-long"}, refusals: []domain.Code{"not-found"},
		produces: []string{"application/json", "text/html"}, shape: shapeProblem,
		text: text("浏览器访问时返回网页，程序调用时返回 JSON。", "Returns a page to browsers and JSON to programs."),
	},
	"get-me": {
		tag: "Reference", title: text("当前身份", "Who am I"),
		text: text("令牌对应的人员及其角色、地区和组织。", "The person to whom the token belongs: roles, place and organization."),
	},
	"list-programmes": {
		tag: "Reference", title: text("资助计划列表", "List programmes"),
		text: text("全部资助计划规则的各个版本。", "Every version of every programme's rules."),
	},
	"get-programme": {
		tag: "Reference", title: text("资助计划规则", "Read a programme"), params: readRefusals, refusals: []domain.Code{"not-found"},
		text: text("一个资助计划的全部规则及其出处；标为“default”的是系统默认值。", "All rules of a programme, each with its source; “default” marks one of Terrace's own defaults."),
	},
	"list-commands": {
		tag: "Reference", title: text("操作列表", "List commands"),
		text: text("全部已声明的操作：谁可以执行，以及可能不予受理的原因。", "Every declared command: who may send it, and why it may be refused."),
	},
	"get-lifecycle": {
		tag: "Reference", title: text("试点流程", "Read the lifecycle"),
		text: text("阶段与出口对照表：由谁办理、期限、逾期后果，以及办理后进入的阶段。", "The table of stages and exits: who has to act, by when, what happens after the deadline, and to which stages each command leads."),
	},
	"get-clock": {
		tag: "Operation", title: text("当前时间", "Read the clock"),
		text: text("各项期限所依据的时间；演示时为虚拟日历。", "The time by which deadlines are judged; in a demonstration, a virtual calendar."),
	},
	"move-clock": {
		tag: "Operation", title: text("推进演示日历", "Run the demonstration's calendar"), shape: shapeJSON,
		refusals: append([]domain.Code{"no-such-route", "until-past"}, bodyRefusals...),
		text:     text("仅在演示中可用：设定虚拟日历运行到的时刻。系统尚未处理完到期事项时，日历会等待。重复设定同一时刻不产生任何影响。", "Only in a demonstration: sets the time up to which the virtual calendar runs. The calendar waits while Terrace has not yet acted on what is due. Setting the same time again has no effect."),
	},
	"get-health": {
		tag: "Operation", title: text("存活检查", "Check that the process is alive"),
		text: text("进程能够正常响应。", "The process responds."),
	},
	"get-readiness": {
		tag: "Operation", title: text("就绪检查", "Check that commands are accepted"), refusals: []domain.Code{"database-away"},
		text: text("数据库可用即可受理操作；流程引擎（Temporal）不可用或待办清单滞后时，状态为“degraded”，操作仍可提交。", "Commands need only the database. If Temporal is unavailable or lists of turns lag behind, the status is “degraded”, and commands are still accepted."),
	},
}

var (
	bodyRefusals = []domain.Code{ // codes common to all JSON bodies
		"bad-json", "bad-text", "duplicate-key", "too-deep", "missing-body", "missing-field", "unknown-field", "wrong-type", "bad-format", "media-type", "body-too-large", "slow-request",
	}
	listRefusals   = []domain.Code{"bad-cursor", "bad-format", "wrong-type", "too-small", "too-large", "too-long", "unknown-parameter"}
	filterRefusals = append([]domain.Code{"not-allowed", "unknown-place"}, listRefusals...)
	searchRefusals = append([]domain.Code{"too-short"}, filterRefusals...)
	readRefusals   = []domain.Code{"bad-format", "wrong-type", "too-small", "too-large", "too-long", "unknown-parameter", "not-found"}
	moneyRefusals  = []domain.Code{"bad-format", "not-allowed", "too-long", "unknown-parameter"}
	streamText     = text(
		"服务器推送事件（SSE）。断线后以 Last-Event-ID 续传，不会遗漏；约每 15 秒发送一次心跳；流以“bye”事件结束。每条消息的数据是一个 JSON 格式的事件（Event）。",
		"Server-sent events. After a disconnection, Last-Event-ID resumes the stream where it stopped, and no event is missed. A comment about every 15 seconds keeps the stream alive; a “bye” event ends it. The data of each message is an Event in JSON.",
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
	op.Responses["201"] = &huma.Response{Description: "Entered for the first time", Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/BankStatement"}},
	}}
}

func shapeUpload(_ *server, op *huma.Operation) {
	op.RequestBody = &huma.RequestBody{Required: true, Description: "The file itself.", Content: map[string]*huma.MediaType{}}
	for _, mediaType := range allowedTypes() {
		op.RequestBody.Content[mediaType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	op.Responses["201"] = &huma.Response{Description: "Stored for the first time", Content: map[string]*huma.MediaType{
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
