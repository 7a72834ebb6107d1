// Package child starts programs that end with this process, however it ends.
package child

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Start starts the program. The kernel sends it the signal when this process ends.
func Start(program *exec.Cmd, signal syscall.Signal) error {
	if program.SysProcAttr == nil {
		program.SysProcAttr = &syscall.SysProcAttr{}
	}
	program.SysProcAttr.Pdeathsig = signal
	started := make(chan error)
	lasting() <- func() { started <- program.Start() }
	return <-started
}

// lasting runs functions on a thread that lives as long as this process. The kernel sends the signal when the thread
// that started the child ends, so no shorter-lived thread may start one.
var lasting = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})

// Environment returns this process's environment without Terrace's settings, for a program that gets its own.
func Environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "TERRACE_") || strings.HasPrefix(v, "DATABASE_URL=")
	})
}
