// Package child starts programs that end when this process ends, for whatever reason.
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

// Start starts the program. When this process ends, the kernel sends the program the signal.
func Start(program *exec.Cmd, signal syscall.Signal) error {
	if program.SysProcAttr == nil {
		program.SysProcAttr = &syscall.SysProcAttr{}
	}
	program.SysProcAttr.Pdeathsig = signal
	started := make(chan error)
	lasting() <- func() { started <- program.Start() }
	return <-started
}

// lasting runs functions on a thread that lives as long as this process. The kernel sends the signal as soon as the
// thread that started the program ends, so programs must not be started on any other thread.
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

// Environment returns this process's environment without Terrace's settings, for a program that has its own settings.
func Environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "TERRACE_") || strings.HasPrefix(v, "DATABASE_URL=")
	})
}
