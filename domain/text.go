// Package domain holds the types that every part of Terrace (梯田) shares: actors and their roles, refusals, and bilingual texts. The
// rules are in its subpackages, each named after its subject.
package domain

import "strings"

// Text is a user-facing text in Chinese and English.
type Text struct {
	ZH string `json:"zh" minLength:"1" maxLength:"200" doc:"Chinese text (中文)"`
	EN string `json:"en" required:"false" maxLength:"200" doc:"English text; in a request it may be left out, and the Chinese text takes its place"`
}

// Whole returns the text with the Chinese version in place of a missing English one, because an office may write only Chinese.
func (t Text) Whole() Text {
	if strings.TrimSpace(t.EN) == "" {
		t.EN = t.ZH
	}
	return t
}

// T returns a Text from its Chinese and English versions.
func T(zh, en string) Text { return Text{ZH: zh, EN: en} }
