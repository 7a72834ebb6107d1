package child_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"terrace/child"
)

// parent makes this test binary a parent that starts a child, prints the child's process id, and waits to be killed.
const parent = "CHILD_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(parent) == "" {
		os.Exit(m.Run())
	}
	program := exec.Command("sleep", "600")
	if err := child.Start(program, syscall.SIGTERM); err != nil {
		panic(err)
	}
	println(program.Process.Pid)
	select {}
}

func TestAChildEndsWithAParentThatIsKilled(t *testing.T) {
	t.Parallel()
	killed := exec.CommandContext(t.Context(), os.Args[0])
	killed.Env = append(os.Environ(), parent+"=1")
	says, err := killed.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(says).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = killed.Wait() // the error is the kill itself
	for deadline := time.Now().Add(time.Minute); !gone(t, pid); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d outlived its parent", pid)
		}
	}
}

// gone reports whether a process has ended. A process that its new parent has not reaped yet counts as ended.
func gone(t *testing.T, pid int) bool {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return true
	}
	if err != nil {
		t.Fatal(err)
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "Z")
}

func TestAChildIsToldNoSettingOfTerraces(t *testing.T) {
	t.Setenv("TERRACE_ADDRESS", "x")
	t.Setenv("DATABASE_URL", "x")
	t.Setenv("OTHER", "kept")
	env := child.Environment()
	if slices.Contains(env, "TERRACE_ADDRESS=x") || slices.Contains(env, "DATABASE_URL=x") || !slices.Contains(env, "OTHER=kept") {
		t.Error("a setting of Terrace is passed on, or another variable is missing")
	}
}
