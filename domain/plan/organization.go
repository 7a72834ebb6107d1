package plan

import (
	"terrace/domain"
	"terrace/domain/creditcode"
)

// Organization identifies a social organization (社会组织) in an application.
type Organization struct {
	CreditCode  string      `json:"credit_code" pattern:"^[0-9A-Z]{18}$" patternDescription:"a unified social credit code" doc:"unified social credit code (统一社会信用代码), 18 digits and capital letters"`
	Name        domain.Text `json:"name"`
	CodeChecked bool        `json:"code_checked,omitempty" doc:"confirms a credit code whose check digit fails: some issued codes do"`
}

// Judge checks the credit code against GB 32100-2015. A code with a wrong check digit must be confirmed explicitly, because a few
// such codes were actually issued.
func (o Organization) Judge(field string) error {
	switch creditcode.Check(o.CreditCode) {
	case creditcode.Malformed:
		return domain.Refuse("credit-code", field+".credit_code", "code", o.CreditCode)
	case creditcode.BadCheckDigit:
		if !o.CodeChecked {
			return domain.Refuse("credit-code-check", field+".credit_code", "code", o.CreditCode)
		}
	case creditcode.Valid:
	}
	return nil
}
