package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	sdktemporal "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/types/known/durationpb"

	"terrace/devstack/internal/commandtest"
	"terrace/devstack/loopback"
	"terrace/devstack/postgres"
)

func TestMain(m *testing.M) { commandtest.Main(m, main) }

func start(t *testing.T, args ...string) (*commandtest.Command, readiness) {
	t.Helper()
	command := commandtest.Run(t, args...)
	var ready readiness
	command.Ready(t, &ready)
	if ready.PID != command.PID {
		t.Errorf("the readiness line names pid %d, want %d", ready.PID, command.PID)
	}
	return command, ready
}

// database runs a PostgreSQL server for this test alone.
func database(t *testing.T) string {
	t.Helper()
	server, err := postgres.Start(t.Context(), postgres.Config{Data: filepath.Join(t.TempDir(), "pg"), Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server.URL
}

func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), commandtest.Patience)
	t.Cleanup(cancel)
	return ctx
}

const (
	taskQueue  = "terrace"
	workflowID = "pilot/1"
)

// greet waits for a name and greets it.
func greet(ctx workflow.Context) (string, error) {
	var name string
	workflow.GetSignalChannel(ctx, "name").Receive(ctx, &name)
	return "hello " + name, nil
}

// nap sleeps ten times for 10 ms.
func nap(ctx workflow.Context) (time.Duration, error) {
	began := workflow.Now(ctx)
	for range 10 {
		if err := workflow.Sleep(ctx, 10*time.Millisecond); err != nil {
			return 0, err
		}
	}
	return workflow.Now(ctx).Sub(began), nil
}

// connect returns a client of a namespace, and runs a worker for the workflows above.
func connect(t *testing.T, address, namespace string) client.Client {
	t.Helper()
	connection, err := client.NewLazyClient(client.Options{
		HostPort: address, Namespace: namespace, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connection.Close)
	listener := worker.New(connection, taskQueue, worker.Options{})
	listener.RegisterWorkflow(greet)
	listener.RegisterWorkflow(nap)
	if err := listener.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(listener.Stop)
	return connection
}

func begin(t *testing.T, connection client.Client) client.WorkflowRun {
	t.Helper()
	run, err := connection.ExecuteWorkflow(patient(t), client.StartWorkflowOptions{
		ID: workflowID, TaskQueue: taskQueue,
		TypedSearchAttributes: sdktemporal.NewSearchAttributes(
			sdktemporal.NewSearchAttributeKeyKeyword("TerraceStage").ValueSet("rollout"),
			sdktemporal.NewSearchAttributeKeyKeyword("TerracePlace").ValueSet("620825"),
			sdktemporal.NewSearchAttributeKeyTime("TerraceDue").ValueSet(time.Date(2018, 6, 30, 16, 0, 0, 0, time.UTC)),
		),
	}, greet)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func finish(t *testing.T, connection client.Client, run client.WorkflowRun) {
	t.Helper()
	ctx := patient(t)
	if err := connection.SignalWorkflow(ctx, run.GetID(), run.GetRunID(), "name", "梯田"); err != nil {
		t.Fatal(err)
	}
	var greeting string
	if err := run.Get(ctx, &greeting); err != nil {
		t.Fatal(err)
	}
	if greeting != "hello 梯田" {
		t.Errorf("the workflow says %q, want %q", greeting, "hello 梯田")
	}
}

func TestWorkflowsRun(t *testing.T) {
	t.Parallel()
	stores := map[string]func(t *testing.T) []string{
		"in memory":     func(*testing.T) []string { return []string{"--in-memory"} },
		"on PostgreSQL": func(t *testing.T) []string { return []string{"--postgres", database(t)} },
	}
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := store(t)
			began := time.Now()
			command, ready := start(t, args...)
			t.Logf("ready after %v", time.Since(began))
			connection := connect(t, ready.Address, "terrace")
			run := begin(t, connection)
			finish(t, connection, run)
			t.Logf("first workflow done after %v", time.Since(began))

			commandtest.Eventually(t, "operators find the workflow by stage, place and due day", func() bool {
				found, err := connection.CountWorkflow(patient(t), &workflowservice.CountWorkflowExecutionsRequest{
					Query: `TerraceStage = "rollout" AND TerracePlace = "620825" AND TerraceDue > "2018-06-30T00:00:00Z"`,
				})
				return err == nil && found.GetCount() == 1
			})
			command.Signal(syscall.SIGTERM)
			if status := command.Status(t); status != 0 {
				t.Errorf("exit status %d, want 0", status)
			}
		})
	}
}

func TestShortTimersAreNotRoundedUpToASecond(t *testing.T) {
	t.Parallel()
	_, ready := start(t, "--in-memory")
	run, err := connect(t, ready.Address, "terrace").ExecuteWorkflow(patient(t), client.StartWorkflowOptions{TaskQueue: taskQueue}, nap)
	if err != nil {
		t.Fatal(err)
	}
	var slept time.Duration
	if err := run.Get(patient(t), &slept); err != nil {
		t.Fatal(err)
	}
	if slept > 5*time.Second { // ten seconds with Temporal's default settings
		t.Errorf("ten naps of 10 ms took %v", slept)
	}
}

func TestOpenWorkflowsSurviveTheServer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		signal syscall.Signal
		status int
	}{
		"data survives a killed server":  {syscall.SIGKILL, -1},
		"data survives a stopped server": {syscall.SIGTERM, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := database(t)
			command, ready := start(t, "--postgres", url)
			connection := connect(t, ready.Address, "terrace") // client and worker stay connected throughout
			run := begin(t, connection)

			command.Signal(test.signal)
			if status := command.Status(t); status != test.status {
				t.Errorf("exit status %d, want %d", status, test.status)
			}
			_, port, err := net.SplitHostPort(ready.Address)
			if err != nil {
				t.Fatal(err)
			}
			_, again := start(t, "--postgres", url, "--port", port)

			if again.Address != ready.Address {
				t.Errorf("second start at %s, want %s", again.Address, ready.Address)
			}
			finish(t, connection, run)
		})
	}
}

func TestDroppedDatabasesAreSetUpAgain(t *testing.T) {
	t.Parallel()
	url := database(t)
	command, ready := start(t, "--postgres", url)
	begin(t, connect(t, ready.Address, "terrace"))
	command.Signal(syscall.SIGKILL)
	command.Status(t)
	drop(t, url, "temporal", "temporal_visibility")

	_, again := start(t, "--postgres", url)

	connection := connect(t, again.Address, "terrace")
	if _, err := connection.DescribeWorkflowExecution(patient(t), workflowID, ""); err == nil {
		t.Error("a workflow survived the loss of its database")
	}
	finish(t, connection, begin(t, connection))
}

func drop(t *testing.T, url string, databases ...string) {
	t.Helper()
	ctx := patient(t)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, database := range databases {
		if _, err := conn.Exec(ctx, "DROP DATABASE "+database+" WITH (FORCE)"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestASecondServerOnTheSameDatabasesIsRefused(t *testing.T) {
	t.Parallel()
	url := database(t)
	_, ready := start(t, "--postgres", url)

	second := commandtest.Run(t, "--postgres", url)

	if status := second.Status(t); status != 3 || !strings.Contains(second.Errors(), "another temporald") {
		t.Errorf("exit status %d with %q, want 3 and the reason", status, second.Errors())
	}
	connection := connect(t, ready.Address, "terrace")
	finish(t, connection, begin(t, connection))
}

func TestNamespaces(t *testing.T) {
	t.Parallel()
	_, ready := start(t, "--in-memory", "--namespace", "county", "--namespace", "province")
	for _, name := range []string{"county", "province"} {
		t.Run("every requested namespace exists: "+name, func(t *testing.T) {
			t.Parallel()
			connection := connect(t, ready.Address, name)
			finish(t, connection, begin(t, connection))
		})
	}
	t.Run("a namespace registered later is usable at once", func(t *testing.T) {
		t.Parallel()
		asked := connect(t, ready.Address, "county")
		_, err := asked.WorkflowService().RegisterNamespace(patient(t), &workflowservice.RegisterNamespaceRequest{
			Namespace: "later", WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
		connection := connect(t, ready.Address, "later")
		run, err := connection.ExecuteWorkflow(patient(t), client.StartWorkflowOptions{TaskQueue: taskQueue}, greet)
		if err != nil {
			t.Fatal(err)
		}
		finish(t, connection, run)
	})
}

func TestEndsWithItsParent(t *testing.T) {
	t.Parallel()
	t.Run("killing the parent ends temporald", func(t *testing.T) {
		t.Parallel()
		parent := commandtest.RunInParent(t, "--in-memory", "--with-parent")
		var ready readiness
		parent.Ready(t, &ready)
		parent.Signal(syscall.SIGKILL)
		commandtest.Ends(t, ready.PID)
	})
	t.Run("the end of standard input ends it", func(t *testing.T) {
		t.Parallel()
		command, _ := start(t, "--in-memory", "--with-parent")
		command.CloseInput()
		if status := command.Status(t); status != 0 {
			t.Errorf("exit status %d, want 0", status)
		}
	})
}

func TestWebInterface(t *testing.T) {
	t.Parallel()
	port, err := loopback.FreePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, ready := start(t, "--in-memory", "--ui-port", strconv.Itoa(port))
	for path, want := range map[string]string{"/": "<html", "/api/v1/namespaces/terrace": `"name": "terrace"`} {
		if got := get(t, ready.UI+path); !strings.Contains(got, want) {
			t.Errorf("%s%s answers %q, want it to contain %q", ready.UI, path, got, want)
		}
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(patient(t), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var body strings.Builder
	if err := response.Write(&body); err != nil {
		t.Fatal(err)
	}
	return body.String()
}

func TestUsage(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"a store must be named":         {},
		"only one store can be used":    {"--in-memory", "--postgres", "postgres://127.0.0.1/"},
		"surplus arguments are refused": {"--in-memory", "surplus"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := commandtest.Run(t, args...)
			if status := command.Status(t); status != 2 {
				t.Errorf("exit status %d, want 2", status)
			}
		})
	}
	t.Run("an unreachable database is reported", func(t *testing.T) {
		t.Parallel()
		command := commandtest.Run(t, "--postgres", "postgres://127.0.0.1:1/")
		if status := command.Status(t); status != 1 || !strings.Contains(command.Errors(), "connection refused") {
			t.Errorf("exit status %d with %q, want 1 and the reason", status, command.Errors())
		}
	})
}
