package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the kernel's unit of processor time in /proc.
const tick = 10 * time.Millisecond

// usage is the processor time of one process so far, with that of its children that have ended.
type usage struct {
	parent int
	used   time.Duration
}

// readUsage reads /proc/PID/stat; what stands behind the program's name in parentheses is counted.
func readUsage(stat string) (u usage, ok bool) {
	text, err := os.ReadFile(stat) //nolint:gosec // of the kernel
	if err != nil {
		return u, false
	}
	_, behind, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(behind)
	if len(fields) < 15 {
		return u, false
	}
	u.parent, _ = strconv.Atoi(fields[1])
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		n, _ := strconv.Atoi(field)
		u.used += time.Duration(n) * tick
	}
	return u, true
}

// processorTime is what the living processes of every kind and their descendants have used, by kind, and what the dead ones had.
func (s *stack) processorTime() map[string]time.Duration {
	kinds := map[int]string{}
	by := map[string]time.Duration{}
	for _, v := range s.services {
		by[v.kind] += time.Duration(v.used.Load())
		if p := v.up.Load(); p != nil {
			kinds[p.cmd.Process.Pid] = v.kind
		}
	}
	all, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is ours
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
		by["people, links and checker"] = own.used
	}
	return by
}
