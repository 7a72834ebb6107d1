// Package domain holds what every part of Terrace (梯田) shares: actors and their roles, refusals, and texts in two languages. The rules
// are in the packages below it, each named after the noun that it is about.
package domain

// Text is what a person reads, in Chinese and in English.
type Text struct {
	ZH string `json:"zh" minLength:"1" maxLength:"200" doc:"Chinese text (中文)"`
	EN string `json:"en" minLength:"1" maxLength:"200" doc:"English text"`
}

// T returns a text in both languages.
func T(zh, en string) Text { return Text{ZH: zh, EN: en} }
