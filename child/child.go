// Package child starts programs that end when this one does, however it ends.
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

// Start starts the program; the kernel sends it the signal when this process is gone.
func Start(program *exec.Cmd, signal syscall.Signal) error {
	if program.SysProcAttr == nil {
		program.SysProcAttr = &syscall.SysProcAttr{}
	}
	program.SysProcAttr.Pdeathsig = signal
	started := make(chan error)
	lasting() <- func() { started <- program.Start() }
	return <-started
}

// lasting takes what a thread does that lives as long as this process: the kernel sends the signal when the thread that started
// the child ends.
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

// Environment is this process's environment without any setting of Terrace's, for a program that is told its own.
func Environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "TERRACE_") || strings.HasPrefix(v, "DATABASE_URL=")
	})
}
