package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/creditcode"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/e2e/soak/check"
)

// The programmes of a soak. In one, four tranches fall due at the signatures and the rollout lasts for years. The other
// is the demonstration's with an earlier end, so that its pilots reach the archive.
const (
	shortWay = "soak"
	wholeWay = "soak-whole"
)

// callDay is when applications and the bank's books open. The rollout of pilots that reach the archive ends on lastDay.
var (
	callDay = calendar.On(2017, 10, 9)
	lastDay = calendar.On(2018, 8, 31)
)

// shares are the shares of a grant that fall due at the signatures, in permille; the rest is left for the settlement.
var shares = []int{300, 250, 200, 150}

// writeProgrammes writes both programmes, derived from the demonstration's: one office, one expert, and periods long
// enough for a slow machine.
func writeProgrammes(repository, folder string) error {
	text, err := os.ReadFile(filepath.Join(repository, "programmes", "zhuanglang-2017.yaml")) //nolint:gosec // in this repository
	if err != nil {
		return err
	}
	common := []string{
		"call: {value: 2017-09-11", "call: {value: " + callDay.String(),
		"total_fen: {value: 120000000", "total_fen: {value: 90000000000",
		"[county, city, province]", "[county]",
		"min_size: {value: 5", "min_size: {value: 1",
		"notice: {days: 7, unit: working", "notice: {days: 1, unit: working",
		"finality: {days: 10, unit: working", "finality: {days: 5, unit: working",
		"tranche: {days: 15, unit: working", "tranche: {days: 60, unit: calendar", // after which finance must look into a payment
	}
	upfront := []string{"tranches:"}
	for _, permille := range shares {
		upfront = append(upfront, fmt.Sprintf("  - {permille: %d, source: default}", permille))
	}
	for id, own := range map[string][]string{
		shortWay: {
			"midterm: {value: 2018-06-30", "midterm: {value: 2020-06-30",
			"rollout_ends: {value: 2018-12-31", "rollout_ends: {value: 2020-12-31",
			"announcement: {value: 2019-06-30", "announcement: {value: 2021-06-30",
			"tranches:\n  - {permille: 600, source: default}\n  - {permille: 300, milestones: [M1, M2], midterm: true, source: default}\n", strings.Join(upfront, "\n") + "\n",
		},
		wholeWay: {
			"midterm: {value: 2018-06-30", "midterm: {value: 2018-07-31",
			"rollout_ends: {value: 2018-12-31", "rollout_ends: {value: " + lastDay.String(),
		},
	} {
		changed, err := amended(string(text), append([]string{"id: zhuanglang-2017", "id: " + id}, append(common, own...)...))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, id+".yaml"), []byte(patient(changed)), 0o600); err != nil { //nolint:gosec // in the soak's own folder
			return err
		}
	}
	return nil
}

// amended replaces each text at an even index of changes with the one after it; each must occur exactly once.
func amended(text string, changes []string) (string, error) {
	for i := 0; i < len(changes); i += 2 {
		if strings.Count(text, changes[i]) != 1 {
			return "", fmt.Errorf("the demonstration's programme does not say %q once", changes[i])
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	return text, nil
}

// patient extends to two years every deadline that must not pass during a soak.
func patient(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		key, _, isTerm := strings.Cut(strings.TrimSpace(line), ": {days: ")
		switch {
		case !isTerm || key == "notice" || key == "finality" || key == "tranche":
		default:
			lines[i] = "  " + key + ": {days: 24, unit: month, source: default}"
		}
	}
	return strings.Join(lines, "\n")
}

// The kinds of pilots, by what happens to them.
const (
	paid       = "paid"       // every tranche that falls due at the signatures is paid
	whole      = "archived"   // goes all the way to the archive
	withdrawn  = "withdrawn"  // withdrawn by its office, during endorsement
	rejected   = "rejected"   // rejected by its office
	declined   = "declined"   // nobody signs, so only the evaluator is paid
	terminated = "terminated" // terminated after money has been paid
	voiding    = "voided"     // finance voids the first attempt at each tranche
)

// dossier is the plan for one pilot of the soak.
type dossier struct {
	check.Plan
	number      int
	programme   string
	application pilot.Application
	projects    []zhuanglang.Project // the demonstration's, one for each proposal
}

// kindOf assigns the kinds: 2 in 100 pilots go all the way to the archive, and the rest are assigned at random.
func kindOf(number int, random *rand.Rand) string {
	if number%50 == 2 {
		return whole
	}
	switch n := random.IntN(100); {
	case n < 2:
		return withdrawn
	case n < 3:
		return rejected
	case n < 5:
		return declined
	case n < 9:
		return terminated
	case n < 13:
		return voiding
	default:
		return paid
	}
}

// draftPlans plans the pilots. Two in five of those that are paid have two villages.
func draftPlans(pilots int, seed uint64) []*dossier {
	random := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a repeated seed gives the same pilots
	demo := zhuanglang.Read()
	organizations := 0
	var all []*dossier
	for number := 1; number <= pilots; number++ {
		kind, villages := kindOf(number, random), 1
		if kind == paid && random.IntN(5) < 2 {
			villages = 2
		}
		all = append(all, newDossier(demo, number, kind, villages, &organizations))
	}
	return all
}

func newDossier(demo *zhuanglang.Data, number int, kind string, villages int, organizations *int) *dossier {
	d := &dossier{number: number, programme: shortWay}
	d.application = pilot.Application{
		Title: domain.Text{ZH: fmt.Sprintf("试点%d", number), EN: fmt.Sprintf("Pilot %d", number)}, Purposes: []string{"elderly"},
		Evaluator: pilot.Evaluating{Organization: demo.Application().Evaluator.Organization, Fen: money.Fen(200_000 + number)},
	}
	d.application.RequestedFen = d.application.Evaluator.Fen
	d.Plan = check.Plan{Actor: zhuanglang.CountyOfficer, Key: fmt.Sprintf("draft-%d", number), Kind: kind, Evaluator: int64(d.application.Evaluator.Fen), Shares: shares, Noticed: true}
	for i := range villages {
		*organizations++
		q := proposal(demo.Application().Proposals[i], *organizations, kind == whole)
		d.application.RequestedFen += q.BudgetFen()
		d.application.Proposals = append(d.application.Proposals, q)
		d.projects = append(d.projects, demo.Projects[i])
		d.Grants = append(d.Grants, int64(q.BudgetFen()))
	}
	switch kind {
	case whole:
		d.programme, d.Shares, d.Paid, d.Archived, d.Stage = wholeWay, []int{600, 300, 100}, true, true, "archived"
	case withdrawn, rejected:
		d.Shares, d.Noticed, d.Stage = nil, false, kind
	case declined:
		d.Shares, d.Paid = nil, true
	case terminated:
		d.Stops, d.Paid = []int{1}, true // the evaluator, who did their work
	case voiding:
		d.Voided = true
	}
	return d
}

// proposal returns a proposal with its own organization and amount.
func proposal(sketch plan.Proposal, n int, whole bool) plan.Proposal {
	sketch.Code = fmt.Sprintf("SK-%05d", n)
	sketch.Organization = organization(n)
	fen := money.Fen(3_000_000 + 1000*n)
	sketch.Budget = []plan.BudgetLine{{Kind: "service", Fen: fen}}
	for i := range sketch.Milestones {
		sketch.Milestones[i].Due = calendar.On(2020, 6, 1)
		if whole {
			sketch.Milestones[i].Due = lastDay.AddDays(-1)
		}
	}
	return sketch
}

func organization(n int) plan.Organization {
	return plan.Organization{CreditCode: string(creditcode.Complete(fmt.Sprintf("52620825%08d", n))), Name: domain.Text{ZH: fmt.Sprintf("第%d服务社（演示）", n), EN: fmt.Sprintf("Service %d (demonstration)", n)}}
}

// speaker returns the person who acts for a proposal's organization.
func speaker(q plan.Proposal) string { return "organization-" + q.Code }

// token returns a person's access token.
func token(person string) string { return "soak-" + person }

// writeRegister writes the file in which an office registers its people and places with Terrace.
func writeRegister(path string, all []*dossier) error {
	type person struct {
		domain.Actor
		Token string `json:"token"`
	}
	type listed struct {
		Name domain.Text `json:"name"`
		pilot.OrganizationFacts
	}
	demo := zhuanglang.Read()
	world := struct {
		Places        any      `json:"places"`
		Organizations []listed `json:"organizations"`
		People        []person `json:"people"`
	}{Places: demo.Places()}
	for _, a := range demo.People() {
		world.People = append(world.People, person{a, token(a.ID)})
	}
	for _, d := range all {
		for _, q := range d.application.Proposals {
			facts := pilot.OrganizationFacts{CreditCode: q.Organization.CreditCode, Known: true, Registered: calendar.On(2010, 5, 1), InspectionPassed: true, Staff: 5}
			world.Organizations = append(world.Organizations, listed{q.Organization.Name, facts})
			a := domain.Actor{ID: speaker(q), Name: q.Organization.Name, Roles: []domain.Role{domain.Applicant}, Organization: q.Organization.CreditCode}
			world.People = append(world.People, person{a, token(a.ID)})
		}
	}
	text, err := json.Marshal(world)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
