package plan

import (
	"terrace/domain"
)

// Village is the village where a project takes place (项目村).
type Village struct {
	Code    string      `json:"code" pattern:"^[0-9]{12}$" doc:"12-digit code of the village"`
	Vintage int         `json:"code_vintage" minimum:"1980" maximum:"2100" doc:"year of the code table"`
	Name    domain.Text `json:"name"`
}
