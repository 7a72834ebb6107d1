// Package child starts programs that end with this process, however this process ends.
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

// Start starts the program. The kernel sends the program the signal when this process ends.
func Start(program *exec.Cmd, signal syscall.Signal) error {
	if program.SysProcAttr == nil {
		program.SysProcAttr = &syscall.SysProcAttr{}
	}
	program.SysProcAttr.Pdeathsig = signal
	started := make(chan error)
	lasting() <- func() { started <- program.Start() }
	return <-started
}

// lasting runs functions on a thread that lives as long as this process. The kernel would send the signal as soon as
// the thread that started the program ends, so no other thread may start one.
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

// Environment returns this process's environment without Terrace's settings, for a program that has settings of its
// own.
func Environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "TERRACE_") || strings.HasPrefix(v, "DATABASE_URL=")
	})
}
