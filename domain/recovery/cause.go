package recovery

import (
	"terrace/domain"
)

// DebtCause says why money is claimed back.
type DebtCause string

const (
	DebtDisallowed DebtCause = "disallowed" // 不予认可的支出
	DebtDiverted   DebtCause = "diverted"   // 挪用
	DebtTerminated DebtCause = "terminated" // 终止
	DebtUnreturned DebtCause = "unreturned" // 结余未退
)

// DebtCauses holds the names that people read.
var DebtCauses = map[DebtCause]domain.Text{
	DebtDisallowed: {ZH: "不予认可的支出", EN: "disallowed spending"},
	DebtDiverted:   {ZH: "挪用资金", EN: "diverted money"},
	DebtTerminated: {ZH: "项目终止", EN: "terminated project"},
	DebtUnreturned: {ZH: "结余未退", EN: "unspent money not returned"},
}
