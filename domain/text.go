// Package domain holds the types that every part of Terrace (梯田) shares: actors and their roles, refusals, and bilingual texts. The
// rules are in its subpackages, each named after its subject.
package domain

// Text is a user-facing text in Chinese and English.
type Text struct {
	ZH string `json:"zh" minLength:"1" maxLength:"200" doc:"Chinese text (中文)"`
	EN string `json:"en" minLength:"1" maxLength:"200" doc:"English text"`
}

// T returns a Text from its Chinese and English versions.
func T(zh, en string) Text { return Text{ZH: zh, EN: en} }
