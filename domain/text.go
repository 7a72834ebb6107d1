// Package domain holds the words every part of Terrace (梯田) shares: who acts,
// what a refusal is, and text in two languages. The rules themselves live in
// the packages below it, one noun each.
package domain

// Text is what a person reads, Chinese first and English complete beside it.
type Text struct {
	ZH string `json:"zh" minLength:"1" maxLength:"200" doc:"Chinese text (中文)"`
	EN string `json:"en" minLength:"1" maxLength:"200" doc:"English text"`
}

// T is a text in both languages.
func T(zh, en string) Text { return Text{ZH: zh, EN: en} }
