package recovery

import (
	"terrace/domain"
)

// DebtCause is the reason why money is claimed back.
type DebtCause string

const (
	DebtDisallowed DebtCause = "disallowed" // finance did not accept the spending (不予认可的支出)
	DebtDiverted   DebtCause = "diverted"   // the money was used for another purpose (挪用)
	DebtTerminated DebtCause = "terminated" // the project was terminated early (终止)
	DebtUnreturned DebtCause = "unreturned" // unspent money was not returned (结余未退)
)

// DebtCauses maps each cause to its display name.
var DebtCauses = map[DebtCause]domain.Text{
	DebtDisallowed: {ZH: "不予认可的支出", EN: "disallowed spending"},
	DebtDiverted:   {ZH: "挪用资金", EN: "diverted money"},
	DebtTerminated: {ZH: "项目终止", EN: "terminated project"},
	DebtUnreturned: {ZH: "结余未退", EN: "unspent money not returned"},
}
