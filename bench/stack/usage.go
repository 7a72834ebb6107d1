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

// Usage is what a program and all its descendant processes have used since they started.
type Usage struct {
	CPU    time.Duration // user and system, including ended children
	Memory int64         // bytes: proportional set size, so that memory shared by backends counts once
}

// Usage returns what the process and its children have used.
func (p *Process) Usage() (Usage, error) { return usageOf(p.PID) }

// PostgresUsage returns the usage of the server with all backends.
func (s *Stack) PostgresUsage() (Usage, error) { return usageOf(s.pid) }

// TemporalUsage returns Temporal's usage since its last start.
func (s *Stack) TemporalUsage() (Usage, error) {
	if s.temporal == nil {
		return Usage{}, nil
	}
	return usageOf(s.temporal.PID)
}

// CPU returns the CPU time used so far by this process, PostgreSQL, Temporal and Terrace's running programs. It is
// cheap, because it does not read memory usage.
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
			cpu, _, _ := cpuOf(pid, true) // the time of a process that has just ended is counted by its parent
			total += cpu
		}
	}
	return total, nil
}

// OwnUsage returns the usage of this process, which is the client of most measurements, without its children.
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
			continue // its time is now its parent's
		}
		if err != nil {
			return Usage{}, err
		}
		memory, err := memoryOf(pid)
		if err != nil {
			continue // it has just ended
		}
		total.CPU += cpu
		total.Memory += memory
	}
	if total == (Usage{}) {
		return Usage{}, fmt.Errorf("process %d has ended", root)
	}
	return total, nil
}

// familyOf returns a process and all its descendants.
func familyOf(root int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is valid
	for _, path := range stats {
		text, err := os.ReadFile(path) //nolint:gosec // in /proc
		if err != nil {
			continue // it has just ended
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

// statFields returns the fields of /proc/PID/stat after the name: state, parent, and so on.
func statFields(text []byte) []string {
	_, rest, _ := strings.Cut(string(text[max(bytes.LastIndexByte(text, ')'), 0):]), " ")
	return strings.Fields(rest)
}

// tick is the unit of CPU time in /proc: 100 per second on every current Linux.
const tick = 10 * time.Millisecond

// cpuOf returns user and system time, including ended children if withChildren is true.
func cpuOf(pid int, withChildren bool) (cpu time.Duration, gone bool, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, os.IsNotExist(err), err
	}
	fields := statFields(text)
	if len(fields) < 15 {
		return 0, false, fmt.Errorf("/proc/%d/stat is truncated", pid)
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

// memoryOf returns the proportional set size in bytes.
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
	return 0, fmt.Errorf("/proc/%d/smaps_rollup has no Pss", pid)
}
