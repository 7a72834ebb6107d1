package stack

import (
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"terrace/bench/result"
)

// Machine describes the machine. The versions are those of the measured modules.
func (s *Stack) Machine() result.Machine {
	m := result.Machine{
		CPU: match("/proc/cpuinfo", `model name\s*: (.*)`), Cores: runtime.NumCPU(), Kernel: match("/proc/sys/kernel/osrelease", `(.*)`),
		Versions: map[string]string{"go": runtime.Version(), "postgres": s.settings["server_version"]}, Postgres: s.settings,
	}
	kilobytes, _ := strconv.Atoi(match("/proc/meminfo", `MemTotal:\s+(\d+) kB`)) // 0: unknown
	m.MemoryMB = kilobytes >> 10
	info, known := debug.ReadBuildInfo()
	if !known {
		return m
	}
	for _, d := range info.Deps {
		for _, measured := range []string{"pgx/v5", "temporal.io/sdk", "river", "riverpgxv5", "dbos-transact-golang", "go-workflows"} {
			if strings.HasSuffix(d.Path, measured) {
				m.Versions[d.Path] = d.Version
			}
		}
	}
	return m
}

func match(path, expression string) string {
	text, _ := os.ReadFile(path) //nolint:gosec // of /proc; left out if unreadable
	if found := regexp.MustCompile(expression).FindSubmatch(text); found != nil {
		return strings.TrimSpace(string(found[1]))
	}
	return ""
}
