package plan

import (
	"terrace/domain"
	"terrace/domain/flow"
)

// The seats of a pilot and of everything that belongs to it.
var (
	HomeOffice    = flow.Seat{Key: "home-office", Name: domain.Text{ZH: "申报单位", EN: "the launching office"}, Refusal: "wrong-place"}          // first office in the pilot's chain
	TurnOffice    = flow.Seat{Key: "turn-office", Name: domain.Text{ZH: "当前审核单位", EN: "the office whose turn it is"}, Refusal: "wrong-place"} // office in the chain whose endorsement is due
	HighestOffice = flow.Seat{Key: "highest-office", Name: domain.Text{ZH: "批准单位", EN: "the approving office"}, Refusal: "wrong-place"}       // last office in the chain
	ApplicantSeat = flow.Seat{Key: "organization", Name: domain.Text{ZH: "项目承担单位", EN: "the organization that runs the project"}, Refusal: "wrong-organization"}
	ProposerSeat  = flow.Seat{Key: "proposer", Name: domain.Text{ZH: "申报项目的组织", EN: "an organization with a proposal"}, Refusal: "wrong-organization"} // any organization with a proposal in the pilot
	EvaluatorSeat = flow.Seat{Key: "evaluator", Name: domain.Text{ZH: "评估机构", EN: "the evaluator"}, Refusal: "wrong-organization"}                     // organization that evaluates the pilot's projects
	PanelSeat     = flow.Seat{Key: "panel", Name: domain.Text{ZH: "评审小组", EN: "the panel"}, Refusal: "wrong-person"}
	VillageSeat   = flow.Seat{Key: "village", Name: domain.Text{ZH: "项目所在村", EN: "the project's village"}, Refusal: "wrong-place"} // committee of the village where the project takes place
)
