// Package lifetime decides when a process of the development stack must end.
package lifetime

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Context returns a context that is cancelled on SIGINT or SIGTERM. With withParent, it is also cancelled when the
// parent process dies for whatever reason, and when standard input ends if that is a pipe or a socket. Any other
// standard input (a terminal, /dev/null) says nothing about the parent and is not read.
func Context(withParent bool) (context.Context, context.CancelFunc) {
	ctx, end := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	if withParent {
		go endWithParent(os.Getppid(), end)
		go endWithInput(end)
	}
	return ctx, end
}

// endWithParent asks the kernel for a signal when the parent ends. The kernel also sends it when only the thread that
// started this process ends, so the signal counts only if the parent's PID has changed. The request belongs to the
// calling thread, which is therefore kept.
func endWithParent(parent int, end func()) {
	runtime.LockOSThread()
	notice := make(chan os.Signal, 1)
	signal.Notify(notice, syscall.SIGUSR1)
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGUSR1), 0, 0, 0); err != nil {
		return
	}
	for os.Getppid() == parent {
		<-notice
	}
	end()
}

func endWithInput(end func()) {
	info, err := os.Stdin.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	end()
}
