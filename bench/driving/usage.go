package driving

import (
	"time"

	"terrace/bench/stack"
)

// meter reads the CPU time of every process.
type meter struct {
	stack       *stack.Stack
	api, worker *stack.Process // nil if the engine has none
}

func (m meter) read() (map[string]time.Duration, error) {
	used := map[string]time.Duration{}
	for name, read := range map[string]func() (stack.Usage, error){
		"api": usageOf(m.api), "worker": usageOf(m.worker), "postgres": m.stack.PostgresUsage, "temporal": m.stack.TemporalUsage, "client": stack.OwnUsage,
	} {
		u, err := read()
		if err != nil {
			return nil, err
		}
		used[name] = u.CPU
	}
	return used, nil
}

func usageOf(p *stack.Process) func() (stack.Usage, error) {
	if p == nil {
		return func() (stack.Usage, error) { return stack.Usage{}, nil }
	}
	return p.Usage
}

// measure returns how long the work took and how much CPU time each process used for it.
func (m meter) measure(work func() error) (carried, error) {
	before, err := m.read()
	if err != nil {
		return carried{}, err
	}
	begun := time.Now()
	if err := work(); err != nil {
		return carried{}, err
	}
	c := carried{took: time.Since(begun), cpu: map[string]time.Duration{}}
	after, err := m.read()
	for name := range after {
		c.cpu[name] = after[name] - before[name]
	}
	return c, err
}
