package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the kernel's unit of CPU time in /proc.
const tick = 10 * time.Millisecond

// usage is the CPU time that one process has used so far, including its ended children.
type usage struct {
	parent int
	own    time.Duration
	used   time.Duration
}

// readUsage parses /proc/PID/stat. Fields are counted after the program name in parentheses.
func readUsage(stat string) (u usage, ok bool) {
	text, err := os.ReadFile(stat) //nolint:gosec // from the kernel
	if err != nil {
		return u, false
	}
	_, behind, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(behind)
	if len(fields) < 15 {
		return u, false
	}
	u.parent, _ = strconv.Atoi(fields[1])
	for i, field := range fields[11:15] { // utime, stime, cutime, cstime
		n, _ := strconv.Atoi(field)
		u.used += time.Duration(n) * tick
		if i < 2 {
			u.own = u.used
		}
	}
	return u, true
}

// processorTime returns the CPU time used so far by each kind of process and its descendants, dead or alive.
func (s *stack) processorTime() map[string]time.Duration {
	kinds := map[int]string{}
	by := map[string]time.Duration{}
	for _, v := range s.services {
		by[v.kind] += time.Duration(v.used.Load())
		if p := v.up.Load(); p != nil {
			kinds[p.cmd.Process.Pid] = v.kind
		}
	}
	all, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is valid
	alive := map[int]usage{}
	for _, stat := range all {
		if u, ok := readUsage(stat); ok {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
			alive[pid] = u
		}
	}
	for pid, u := range alive {
		for ancestor := pid; ancestor > 1; ancestor = alive[ancestor].parent {
			if kind, ours := kinds[ancestor]; ours {
				by[kind] += u.used
				break
			}
		}
	}
	if own, ok := readUsage("/proc/self/stat"); ok {
		by["people, links and checker"] = own.own // its children are counted above
	}
	return by
}
