package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"terrace/domain/flow"
	"terrace/workflows"
)

// Dial returns a client for a namespace of the Temporal server at host:port. It connects only when the client is first
// used, so the server need not be reachable yet.
func Dial(address, namespace string, logger *slog.Logger) (client.Client, error) {
	return client.NewLazyClient(client.Options{
		HostPort: address, Namespace: namespace, Logger: log.NewStructuredLogger(slog.New(newSayOnce(logger.Handler()))),
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}}, // messages are small and the distance is short
	})
}

// healthy returns an error if Temporal does not respond.
func healthy(ctx context.Context, c checker) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err
}

// Ready returns an error if Temporal does not respond or does not have the namespace.
func Ready(ctx context.Context, c client.Client, namespace string) error {
	if err := healthy(ctx, c); err != nil {
		return err
	}
	_, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	return err
}

type checker interface {
	CheckHealth(ctx context.Context, request *client.CheckHealthRequest) (*client.CheckHealthResponse, error)
}

// away reports whether the error means that Temporal is unavailable. This includes a Temporal server that has lost its
// data and does not have the namespace yet.
func away(err error) bool {
	var (
		unavailable *serviceerror.Unavailable
		slow        *serviceerror.DeadlineExceeded
		canceled    *serviceerror.Canceled
		full        *serviceerror.ResourceExhausted
		nowhere     *serviceerror.NamespaceNotFound
	)
	return errors.As(err, &unavailable) || errors.As(err, &slow) || errors.As(err, &canceled) || errors.As(err, &full) ||
		errors.As(err, &nowhere) || errors.Is(err, context.DeadlineExceeded)
}

// Advice returns what to do when Temporal cannot be reached or does not have the namespace, or an empty string for any
// other error.
func Advice(err error) string {
	var nowhere *serviceerror.NamespaceNotFound
	switch {
	case errors.As(err, &nowhere):
		return "create the namespace as deploy/temporal/namespace.sh does, or correct TERRACE_TEMPORAL_NAMESPACE"
	case away(err):
		return "start Temporal, or correct TERRACE_TEMPORAL_ADDRESS; meanwhile commands are accepted, and nothing moves by itself"
	}
	return ""
}

// absent reports whether the error means that no workflow with the id is running.
func absent(err error) bool {
	var none *serviceerror.NotFound
	return errors.As(err, &none)
}

// begun reports whether the error means that a workflow with the id is running or has completed.
func begun(err error) bool {
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	return errors.As(err, &started)
}

// options returns the options for starting an aggregate's workflow. They prevent Temporal from starting it if it is
// running or has completed.
func options(ref flow.Ref, prefix string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: workflows.IDOf(ref), TaskQueue: prefix + workflows.Queue, Memo: workflows.Memo(),
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
	}
}

// pause waits for d, or until the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// backoff returns how long to pause after a number of consecutive failures.
func backoff(failures int) time.Duration {
	const first, longest = 100 * time.Millisecond, 5 * time.Second
	if failures > 6 {
		return longest
	}
	return min(first<<max(failures-1, 0), longest)
}
