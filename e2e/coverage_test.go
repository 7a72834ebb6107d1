package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"sync"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// lifecycleRow is a row of GET /v1/lifecycle.
type lifecycleRow struct {
	Key       flow.WaitKey
	Aggregate flow.Kind
	Stages    []stageName
	Seat      string
	Hard      bool
	Standing  bool
	Exits     []exitRow
}

type exitRow struct {
	Command string
	Leads   []stageName
}

type stageName struct{ Stage flow.Stage }

// byItself reports whether a workflow or the calendar ends the wait, without any user.
func (r lifecycleRow) byItself() bool { return r.Seat == flow.Machine.Key }

func holds(all []stageName, stage flow.Stage) bool { return slices.Contains(all, stageName{stage}) }

// walked records which rows of the lifecycle this run's stories have covered.
var walked = &coverage{exits: map[exit]map[flow.Stage]int{}, moments: map[moment]int{}, refused: map[exit]map[domain.Code]int{}}

// exit is one way out of a wait: the command that ends it.
type exit struct {
	wait    flow.WaitKey
	command string
}

// moment is something that happens to a wait as time passes: a reminder, an escalation or a lapse.
type moment struct {
	wait flow.WaitKey
	what flow.Moment
}

type coverage struct {
	mutex     sync.Mutex
	lifecycle []lifecycleRow
	exits     map[exit]map[flow.Stage]int // number of times that an exit led to a stage, which may be the one it left
	moments   map[moment]int
	refused   map[exit]map[domain.Code]int
}

// read fetches the lifecycle unless this has already been done.
func (c *coverage) read(from *client) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.lifecycle == nil {
		from.t.Helper()
		answer := from.send(reader, http.MethodGet, "/v1/lifecycle", nil, nil)
		page := struct{ Items []lifecycleRow }{}
		answer.into(from.t, &page)
		c.lifecycle = page.Items
	}
}

func (c *coverage) row(key flow.WaitKey) lifecycleRow {
	i := slices.IndexFunc(c.lifecycle, func(r lifecycleRow) bool { return r.Key == key })
	if i < 0 {
		return lifecycleRow{}
	}
	return c.lifecycle[i]
}

func (c *coverage) took(e exit, to flow.Stage) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.exits[e] == nil {
		c.exits[e] = map[flow.Stage]int{}
	}
	c.exits[e][to]++
}

func (c *coverage) came(m moment) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.moments[m]++
}

func (c *coverage) wasRefused(e exit, code domain.Code) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.refused[e] == nil {
		c.refused[e] = map[domain.Code]int{}
	}
	c.refused[e][code]++
}

// gaps returns the rows of the lifecycle that no story of this run has covered.
func (c *coverage) gaps() (all []string) {
	gap := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if c.lifecycle == nil {
		gap("has read the lifecycle")
	}
	for _, r := range c.lifecycle {
		for _, x := range r.Exits {
			e := exit{r.Key, x.Command}
			if len(c.exits[e]) == 0 {
				gap("leaves %s by %s", r.Key, x.Command)
			}
			for _, lead := range x.Leads {
				if c.exits[e][lead.Stage] == 0 {
					gap("comes from %s by %s to %s", r.Key, x.Command, lead.Stage)
				}
			}
			d, err := catalogue.All.Find(r.Aggregate, x.Command)
			if err != nil {
				gap("sends %s: %v", x.Command, err)
			} else if !d.Internal() {
				for _, code := range []domain.Code{"wrong-role", "wrong-stage"} {
					if c.refused[e][code] == 0 {
						gap("is refused %s in %s with %s", x.Command, r.Key, code)
					}
				}
			}
		}
		for _, what := range r.moments() {
			if c.moments[moment{r.Key, what}] == 0 {
				gap("sees time bring the %s of %s", what, r.Key)
			}
		}
	}
	return all
}

// unset lists the machine's waits that have no due date of their own.
var unset = []flow.WaitKey{
	pilot.AwaitPublication, pilot.AwaitVillages, pilot.AwaitSeal, project.AwaitMoney, payment.AwaitInstruction, project.AwaitFinality,
}

// moments lists what happens to a wait as time passes if nobody ends it.
func (r lifecycleRow) moments() (all []flow.Moment) {
	if r.Standing || slices.Contains(unset, r.Key) {
		return nil
	}
	if !r.byItself() {
		all = append(all, flow.Remind)
	}
	if r.Hard {
		return append(all, flow.Lapse)
	}
	return append(all, flow.Escalate)
}
