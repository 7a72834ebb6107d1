package domain

// Codes is every refusal of the domain with its words: what is wrong, and what to do next.
var Codes = map[Code]Meaning{
	// Who and when.
	"unauthenticated":      {Forbidden, Text{"没有有效的访问令牌", "there is no valid access token"}, Text{"请使用您的令牌登录", "sign in with your token"}},
	"wrong-role":           {Forbidden, Text{"此操作须由{zh}办理", "this must be done by: {en}"}, Text{"请转交有权限的人员", "pass it to somebody with that role"}},
	"wrong-place":          {Forbidden, Text{"此操作须由{zh}({place})办理", "this must be done by {en} ({place})"}, Text{"请转交该单位", "pass it to that office"}},
	"wrong-organization":   {Forbidden, Text{"此操作须由{zh}办理", "this must be done by {en}"}, Text{"请转交该组织", "pass it to that organization"}},
	"wrong-person":         {Forbidden, Text{"此操作须由{zh}的成员办理", "this must be done by a member of {en}"}, Text{"请转交该成员", "pass it to that person"}},
	"same-person":          {Forbidden, Text{"您已{zh},须由另一人办理", "you {en} already; another person must do this"}, Text{"请由另一名人员办理", "have another officer do it"}},
	"no-office":            {Forbidden, Text{"您所在的{place}不是可以发起试点的民政部门", "your place {place} has no office that can launch a pilot"}, Text{"请以民政部门人员身份操作", "act as an officer of a civil-affairs office"}},
	"not-found":            {NotFound, Text{"没有找到 {kind} {id}", "there is no {kind} {id}"}, Text{"请核对编号", "check the id"}},
	"already-exists":       {Conflict, Text{"{kind} {id} 已存在", "{kind} {id} exists already"}, Text{"请读取现有记录", "read the one that is there"}},
	"bad-cursor":           {Invalid, Text{"分页游标无效", "the page cursor is not valid"}, Text{"请从第一页重新读取", "start again from the first page"}},
	"unknown-command":      {NotFound, Text{"没有“{command}”这个操作", "there is no command “{command}”"}, Text{"请查阅操作列表", "look it up in the list of commands"}},
	"wrong-stage":          {Conflict, Text{"当前为“{stage-zh}”阶段,不能“{zh}”", "in the stage “{stage-en}” this is not possible: {en}"}, Text{"请查看现在轮到谁办理", "look whose turn it is now"}},
	"deadline-passed":      {Conflict, Text{"已过截止日,不能“{zh}”", "the due day has passed: {en} is refused"}, Text{"请查看逾期的后果", "look what follows from the passed deadline"}},
	"stale-version":        {Conflict, Text{"内容已更新为第{version}版", "it has changed meanwhile, to version {version}"}, Text{"请重新读取后再办理", "read it again, then decide"}},
	"not-due":              {Conflict, Text{"尚未到期", "nothing is due yet"}, Text{"到期后系统自动处理", "it happens by itself on the due day"}},
	"no-such-duty":         {Conflict, Text{"没有这项待办的系统职责", "this duty is not owed"}, Text{"无需处理", "nothing needs to be done"}},
	"idempotency-conflict": {Conflict, Text{"同一幂等键已用于另一内容", "this Idempotency-Key was used for another content"}, Text{"请换用新的幂等键", "use a new key for a new command"}},

	// One of a kind.
	"double-application": {Conflict, Text{"该组织在本资助项目中已有申报({key})", "this organization already has an application in the programme ({key})"}, Text{"请移除该项目或先撤回另一申报", "take the proposal out, or withdraw the other application first"}},
	"duplicate-number":   {Conflict, Text{"文号已被使用({key})", "this document number is taken ({key})"}, Text{"请核对文号", "check the document number"}},
	"duplicate-voucher":  {Conflict, Text{"凭证号已被使用({key})", "this voucher number is taken ({key})"}, Text{"请核对凭证号", "check the voucher number"}},
	"payment-exists":     {Conflict, Text{"该批次已有进行中的付款({key})", "this tranche already has a live payment ({key})"}, Text{"请先作废该笔付款", "void that payment first"}},
	"duplicate":          {Invalid, Text{"“{value}”重复出现", "“{value}” stands twice"}, Text{"请删除或更正重复项", "remove or correct one of them"}},
	"already-recorded":   {Conflict, Text{"“{id}”的结果已有记录", "the result of “{id}” is on record already"}, Text{"无需重复记录", "nothing needs to be done"}},
	"already-checked":    {Conflict, Text{"本轮资格核对已完成", "this round's eligibility checks are done"}, Text{"无需重复核对", "nothing needs to be done"}},
	"already-signed":     {Conflict, Text{"本方已经签署", "your side has signed already"}, Text{"请等待另一方签署", "wait for the other side"}},
	"already-accepted":   {Conflict, Text{"村级验收已完成({key})", "the village has accepted {key} already"}, Text{"请等待民政部门核实", "wait for the office to verify"}},

	// Application and eligibility.
	"unknown-programme":  {Invalid, Text{"没有资助项目“{programme}”", "there is no programme “{programme}”"}, Text{"请从资助项目列表中选择", "choose one from the list of programmes"}},
	"window-closed":      {Conflict, Text{"申报期已于{due}截止", "the application window closed on {due}"}, Text{"请等待下一次申报通知", "wait for the next call"}},
	"window-not-open":    {Conflict, Text{"申报于{call}开始", "applications open on {call}"}, Text{"请在申报期内办理", "come back on that day"}},
	"unknown-village":    {Invalid, Text{"{code}不是申报单位辖区内的村", "{code} is not a village of the launching office's place"}, Text{"请核对村代码,或请管理员登记该村", "check the code, or have the village registered"}},
	"over-fund":          {Invalid, Text{"申请金额超过资金总额{most}元({source})", "more is asked for than the fund's {most} yuan ({source})"}, Text{"请降低申请金额", "ask for less"}},
	"unknown-purpose":    {Invalid, Text{"“{purpose}”不是本资金的使用宗旨", "“{purpose}” is not a purpose of this fund"}, Text{"请从资助项目的宗旨中选择", "choose from the programme's purposes"}},
	"unknown-kind":       {Invalid, Text{"没有项目类别“{kind}”", "there is no kind of project “{kind}”"}, Text{"请从资助项目的类别中选择", "choose from the programme's kinds"}},
	"over-cap":           {Invalid, Text{"项目预算{got}元超过上限{most}元({source})", "the project's budget of {got} yuan is above the cap of {most} ({source})"}, Text{"请降低预算", "lower the budget"}},
	"unknown-spending":   {Invalid, Text{"没有支出类别“{kind}”", "there is no kind of spending “{kind}”"}, Text{"请从资助项目的支出类别中选择", "choose from the programme's kinds of spending"}},
	"forbidden-spending": {Invalid, Text{"不得资助“{zh}”({source})", "“{en}” may not be funded ({source})"}, Text{"请删除该预算科目", "take this budget line out"}},
	"over-admin":         {Invalid, Text{"管理费{got}元超过上限{most}元({source})", "the administrative share of {got} yuan is above {most} ({source})"}, Text{"请降低管理费", "lower the administrative share"}},
	"after-rollout":      {Invalid, Text{"里程碑不得晚于实施期末{last}", "a milestone cannot be due after the rollout's end on {last}"}, Text{"请提前该日期", "choose an earlier day"}},
	"missing-milestone":  {Invalid, Text{"缺少拨付条件所需的里程碑{key}", "the milestone {key}, which a tranche depends on, is missing"}, Text{"请补充该里程碑", "add the milestone"}},
	"one-application":    {Invalid, Text{"一个组织只能申报一个项目({organization})", "an organization may apply once ({organization})"}, Text{"请只保留一个项目", "keep one proposal of it"}},
	"evaluator-applies":  {Invalid, Text{"评估机构不得申报项目", "the evaluator cannot apply"}, Text{"请更换评估机构或移除该项目", "name another evaluator or take the proposal out"}},
	"credit-code":        {Invalid, Text{"“{code}”不是统一社会信用代码(GB 32100-2015)", "“{code}” is not a unified social credit code (GB 32100-2015)"}, Text{"请核对登记证书", "compare it with the registration certificate"}},
	"credit-code-check":  {Invalid, Text{"“{code}”的校验位不符(GB 32100-2015)", "the check digit of “{code}” fails (GB 32100-2015)"}, Text{"请核对;确认证书如此则设 code_checked 为 true", "compare it; if the certificate says so, set code_checked to true"}},
	"checks-pending":     {Conflict, Text{"与名录的核对尚未完成", "the comparison with the directory is not done yet"}, Text{"稍候片刻再试", "try again in a moment"}},
	"not-eligible":       {Conflict, Text{"项目{proposal}不符合条件:{zh}({source})", "proposal {proposal} is not eligible: {en} ({source})"}, Text{"请先对该项目不予受理", "refuse that proposal first"}},
	"corrected-once":     {Conflict, Text{"补正只能要求一次", "a correction can be asked for once"}, Text{"请受理或不予受理", "accept or refuse the application"}},
	"no-such-proposal":   {Invalid, Text{"没有可办理的项目“{proposal}”", "there is no such open proposal “{proposal}”"}, Text{"请核对项目编号", "check the proposal's code"}},

	// Review, notice, approval.
	"panel-size":      {Invalid, Text{"评审小组须为单数且不少于{least}人({source})", "the panel needs an odd number of at least {least} experts ({source})"}, Text{"请调整人数", "change the number"}},
	"panel-at-work":   {Conflict, Text{"专家{expert}已经评分,不能更换", "the expert {expert} has scored already and stays"}, Text{"只更换尚未评分的专家;有利害关系的请回避", "replace those who have not scored; an expert with an interest recuses"}},
	"recused":         {Forbidden, Text{"您已回避项目{proposal}", "you are recused from proposal {proposal}"}, Text{"请评审其他项目", "score the other proposals"}},
	"over-budget":     {Invalid, Text{"建议金额{got}元超过项目预算{most}元", "the recommended {got} yuan are above the budget of {most}"}, Text{"请降低建议金额", "recommend less"}},
	"below-quorum":    {Conflict, Text{"项目{proposal}的评分{got}份,少于法定{least}份({source})", "proposal {proposal} has {got} scores, fewer than the quorum of {least} ({source})"}, Text{"请等待其他专家评分", "wait for the other experts"}},
	"not-on-notice":   {Conflict, Text{"项目{proposal}不在公示期", "proposal {proposal} is not on notice"}, Text{"请查看公示列表", "look at the list of notices"}},
	"no-objection":    {Conflict, Text{"项目{proposal}没有待处理的异议", "proposal {proposal} has no open objection"}, Text{"请核对项目编号", "check the proposal's code"}},
	"nothing-cleared": {Conflict, Text{"没有公示期满无异议的项目", "no proposal has come through its notice"}, Text{"请等待公示期满或异议处理完毕", "wait for the notice to end or the objection to be decided"}},

	// Agreement and money.
	"account-name":      {Invalid, Text{"开户名“{account}”与组织名称“{organization}”不一致", "the account's name “{account}” is not the organization's, “{organization}”"}, Text{"款项只能拨入组织自己的账户", "money goes to the organization's own account only"}},
	"payment-under-way": {Conflict, Text{"第{tranche}批付款尚未了结", "the payment of tranche {tranche} is under way"}, Text{"请先确认或作废该笔付款", "confirm or void that payment first"}},
	"no-such-project":   {Invalid, Text{"没有项目“{project}”", "there is no project “{project}”"}, Text{"请核对项目编号", "check the project's id"}},

	// Rollout, evaluation, closing.
	"no-such-milestone": {Invalid, Text{"没有里程碑“{key}”", "there is no milestone “{key}”"}, Text{"请核对里程碑编号", "check the milestone's key"}},
	"missing-evidence":  {Invalid, Text{"缺少佐证材料:{kind}", "evidence of the kind “{kind}” is missing"}, Text{"请上传并附上该类材料", "upload it and name it here"}},
	"no-such-file":      {Invalid, Text{"没有上传过文件 {sha256}", "no file {sha256} was uploaded"}, Text{"请先上传文件", "upload the file first"}},
	"village-first":     {Conflict, Text{"{key}须先经村级验收", "the village has to accept {key} first"}, Text{"请村委会现场确认", "ask the village committee to accept the work"}},
	"future-day":        {Invalid, Text{"{day}尚未到来", "{day} is in the future"}, Text{"请填写实际日期", "give the day it happened"}},
	"score-too-low":     {Invalid, Text{"该分数为“{zh}”,不能判为合格({source})", "this score is “{en}” and cannot pass ({source})"}, Text{"请更正分数或结论", "correct the score or the verdict"}},
	"milestone-open":    {Conflict, Text{"里程碑{key}尚未核实", "the milestone {key} is not verified"}, Text{"请先核实全部里程碑", "have every milestone verified first"}},
	"midterm-open":      {Conflict, Text{"中期评估尚未合格", "the mid-term has not been passed"}, Text{"请先完成中期评估", "finish the mid-term evaluation first"}},
	"indicator-count":   {Invalid, Text{"须逐项填写{want}个绩效指标", "one figure for each of the {want} indicators is needed"}, Text{"请按申报顺序填写", "give them in the application's order"}},
	"not-in-budget":     {Invalid, Text{"预算中没有科目“{kind}”", "the budget has no line “{kind}”"}, Text{"请按预算科目填写", "use the kinds of the budget"}},
	"over-line":         {Invalid, Text{"科目“{kind}”{got}元超过{most}元", "“{kind}”: {got} yuan are above {most}"}, Text{"请更正金额或先申请变更", "correct the amount, or ask for a change first"}},
	"over-grant":        {Invalid, Text{"核定支出{got}元超过资助额{most}元", "accepted spending of {got} yuan is above the grant of {most}"}, Text{"请降低核定金额", "accept less"}},
	"refund-amount":     {Invalid, Text{"应退结余{want}元,填写为{got}元", "{want} yuan are to be returned, not {got}"}, Text{"请按应退金额登记", "record the exact amount"}},

	// Self-evaluation.
	"missing-factor": {Invalid, Text{"缺少评分项“{factor}”", "the factor “{factor}” is not scored"}, Text{"请逐项打分", "score every factor"}},
	"over-factor":    {Invalid, Text{"该项满分为{most}分({source})", "this factor's full score is {most} ({source})"}, Text{"请更正分数", "correct the score"}},
	"unknown-factor": {Invalid, Text{"含有资助项目未规定的评分项", "there is a factor that the programme does not weigh"}, Text{"请只填写规定的评分项", "score the programme's factors only"}},
}
