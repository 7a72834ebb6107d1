package stack

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Usage is what a program and everything below it took since it was started.
type Usage struct {
	CPU    time.Duration // user and system, of ended children too
	Memory int64         // bytes: proportional set size, so that what backends share counts once
}

// Usage reads what the process and its children took.
func (p *Process) Usage() (Usage, error) { return usageOf(p.PID) }

// PostgresUsage is that of the server with all backends.
func (s *Stack) PostgresUsage() (Usage, error) { return usageOf(s.pid) }

// TemporalUsage is that of Temporal since it was last started.
func (s *Stack) TemporalUsage() (Usage, error) {
	if s.temporal == nil {
		return Usage{}, nil
	}
	return usageOf(s.temporal.PID)
}

// CPU is the time that everything took so far: this process, PostgreSQL, Temporal and the programs of Terrace that run. It costs
// little to ask, since no memory is counted.
func (s *Stack) CPU() (total time.Duration, err error) {
	total, _, err = cpuOf(os.Getpid(), false)
	if err != nil {
		return 0, err
	}
	roots := []int{s.pid}
	for _, p := range append([]*Process{s.temporal}, s.started...) {
		if p != nil && p.Running() {
			roots = append(roots, p.PID)
		}
	}
	for _, root := range roots {
		for _, pid := range familyOf(root) {
			cpu, _, _ := cpuOf(pid, true) // the time of one that ended just now is its parent's
			total += cpu
		}
	}
	return total, nil
}

// OwnUsage is that of this process: the client of most measurements. Its children are not counted.
func OwnUsage() (Usage, error) {
	cpu, _, err := cpuOf(os.Getpid(), false)
	if err != nil {
		return Usage{}, err
	}
	memory, err := memoryOf(os.Getpid())
	return Usage{cpu, memory}, err
}

func usageOf(root int) (total Usage, err error) {
	for _, pid := range familyOf(root) {
		cpu, gone, err := cpuOf(pid, true)
		if gone {
			continue // its time is its parent's now
		}
		if err != nil {
			return Usage{}, err
		}
		memory, err := memoryOf(pid)
		if err != nil {
			continue // ended just now
		}
		total.CPU += cpu
		total.Memory += memory
	}
	if total == (Usage{}) {
		return Usage{}, fmt.Errorf("process %d has ended", root)
	}
	return total, nil
}

// familyOf is a process and those below it.
func familyOf(root int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	for _, path := range stats {
		text, err := os.ReadFile(path) //nolint:gosec // of /proc
		if err != nil {
			continue // ended just now
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if fields := statFields(text); len(fields) > 1 {
			parent, _ := strconv.Atoi(fields[1])
			children[parent] = append(children[parent], pid)
		}
	}
	family := []int{root}
	for i := 0; i < len(family); i++ {
		family = append(family, children[family[i]]...)
	}
	return family
}

// statFields are those of /proc/PID/stat behind the name: state, parent, …
func statFields(text []byte) []string {
	_, rest, _ := strings.Cut(string(text[max(bytes.LastIndexByte(text, ')'), 0):]), " ")
	return strings.Fields(rest)
}

// tick is the unit of CPU time in /proc; 100 a second on every Linux of today.
const tick = 10 * time.Millisecond

// cpuOf is user and system time, with that of ended children when they count.
func cpuOf(pid int, withChildren bool) (cpu time.Duration, gone bool, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, os.IsNotExist(err), err
	}
	fields := statFields(text)
	if len(fields) < 15 {
		return 0, false, fmt.Errorf("/proc/%d/stat is short", pid)
	}
	counted := fields[11:13] // utime, stime
	if withChildren {
		counted = fields[11:15] // cutime, cstime
	}
	for _, field := range counted {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, false, err
		}
		cpu += time.Duration(n) * tick
	}
	return cpu, false, nil
}

// memoryOf is the proportional set size in bytes.
func memoryOf(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if value, found := strings.CutPrefix(lines.Text(), "Pss:"); found {
			kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("/proc/%d/smaps_rollup tells no Pss", pid)
}
