package domain

// Cited returns a citation of a source in each language: in Chinese, the document's title in 《》; in English, a translation of the
// title followed by the original. A source missing from the list, such as one that an operator's own programme names, is cited
// unchanged.
func Cited(source string) Text {
	if said, known := sources[source]; known {
		return said
	}
	return Text{source, source}
}

// titled returns the citation of a document. The title may be followed by an article number or an issuing authority.
func titled(title, meaning string) Text { return Text{title, meaning + " " + title} }

const (
	evaluation   = "《社会组织评估管理办法》（民政部令第39号）"
	evaluationEN = "Measures for the Evaluation of Social Organizations 《社会组织评估管理办法》, Order No. 39 of the Ministry of Civil Affairs"
)

// sources lists the sources of the rules and of the programmes that ship with Terrace. “default” is not a document: it marks a value
// that Terrace itself proposes.
var sources = map[string]Text{
	"default":                {"系统默认值", "Terrace's default"},
	"彩票公益金管理办法":              titled("《彩票公益金管理办法》", "Measures for the Administration of Lottery Public Welfare Funds"),
	"彩票公益金信息公开办法":            titled("《彩票公益金信息公开办法》", "Measures for the Disclosure of Information on Lottery Public Welfare Funds"),
	"彩票管理条例实施细则":             titled("《彩票管理条例实施细则》", "Implementing Rules of the Regulations on the Administration of Lotteries"),
	"会计档案管理办法":               titled("《会计档案管理办法》", "Measures for the Administration of Accounting Records"),
	"社会组织信用信息管理办法":           titled("《社会组织信用信息管理办法》", "Measures for the Administration of Credit Information on Social Organizations"),
	"项目支出绩效评价管理办法":           titled("《项目支出绩效评价管理办法》", "Measures for the Performance Evaluation of Project Expenditure"),
	"中央财政支持社会组织参与社会服务项目实施方案": titled("《中央财政支持社会组织参与社会服务项目实施方案》", "Implementation Plan for Central Government Funding of Social Services by Social Organizations"),
	"中央财政支持社会组织参与社会服务项目申报条件": titled("《中央财政支持社会组织参与社会服务项目申报条件》", "Application Conditions for Central Government Funding of Social Services by Social Organizations"),
	"中央财政支持社会组织参与社会服务项目申报条件（2013-2018）": titled("《中央财政支持社会组织参与社会服务项目申报条件》（2013-2018年）", "Application Conditions for Central Government Funding of Social Services by Social Organizations, 2013 to 2018,"),
	"中华人民共和国个人信息保护法":                    titled("《中华人民共和国个人信息保护法》", "Personal Information Protection Law"),
	"中华人民共和国预算法第42条":                    titled("《中华人民共和国预算法》第42条", "Budget Law, article 42,"),
	"国务院办公厅关于部分节假日安排的通知":                titled("《国务院办公厅关于部分节假日安排的通知》", "Notices of the General Office of the State Council on Public Holidays"),
	"民办发〔2019〕34号":                      {"民办发〔2019〕34号", "Document 民办发〔2019〕34号 of the General Office of the Ministry of Civil Affairs"},
	evaluation:                          {evaluation, evaluationEN},
	"参照" + evaluation:                   {"参照" + evaluation, "by analogy with the " + evaluationEN},

	"地方管理办法：一个组织只申报一个项目，不重复资助": {"地方管理办法：一个组织只申报一个项目，不重复资助", "local measures: one proposal per organization, and no double funding"},
	"地方管理办法：无正当理由逾期报送的视为不合格":   {"地方管理办法：无正当理由逾期报送的视为不合格", "local measures: a report submitted late without good reason counts as a fail"},
	"地方管理办法：签订协议后15个工作日内拨付":    {"地方管理办法：签订协议后15个工作日内拨付", "local measures: payment within 15 working days of the agreement"},
	"地方管理办法：违规的三年内不得申报":        {"地方管理办法：违规的三年内不得申报", "local measures: no applications for three years after a breach"},
	"地方管理办法：项目结束后1个月内":         {"地方管理办法：项目结束后1个月内", "local measures: within one month of the end of the project"},
	"末期评估30日": {"末期评估30日", "30 days for the final evaluation"},
	"甘肃省民政厅2017年部级福彩公益金试点": {"甘肃省民政厅2017年部级福彩公益金试点", "the 2017 pilot of the Gansu Department of Civil Affairs, with welfare-lottery funds from the ministry"},
}
