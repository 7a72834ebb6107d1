package temporal

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// retention is how long a closed workflow is kept.
const retention = 30 * 24 * time.Hour

// createNamespaces creates missing namespaces, with their search attributes, before the server runs. Although it comes
// from the SQLite package, the function that does so works with every SQL store.
func createNamespaces(target *config.SQL, config Config) error {
	for _, name := range config.Namespaces {
		namespace, err := sqlite.NewNamespaceConfig(clusterName, name, false, config.SearchAttributes)
		if err != nil {
			return err
		}
		namespace.Detail.Config.Retention = durationpb.New(retention)
		if err := sqlite.CreateNamespaces(target, namespace); err != nil {
			return err
		}
	}
	return nil
}

// awaitNamespaces waits until every namespace responds and has all its search attributes. It adds those that a
// namespace created by an older release lacks.
func awaitNamespaces(ctx context.Context, address string, config Config) error {
	connection, err := client.NewLazyClient(client.Options{
		HostPort: address,
		Logger:   sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return err
	}
	defer connection.Close()
	for _, name := range config.Namespaces {
		if err := awaitNamespace(ctx, connection, name); err != nil {
			return err
		}
		if err := completeSearchAttributes(ctx, connection, name, config); err != nil {
			return err
		}
	}
	return nil
}

func awaitNamespace(ctx context.Context, connection client.Client, name string) error {
	for {
		_, err := connection.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: name})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("namespace %s does not respond: %w", name, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func completeSearchAttributes(ctx context.Context, connection client.Client, name string, config Config) error {
	operator := connection.OperatorService()
	present, err := operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: name})
	if err != nil {
		return err
	}
	request := &operatorservice.AddSearchAttributesRequest{Namespace: name, SearchAttributes: config.SearchAttributes}
	for attribute := range config.SearchAttributes {
		if _, ok := present.GetCustomAttributes()[attribute]; !ok {
			_, err := operator.AddSearchAttributes(ctx, request)
			return err
		}
	}
	return nil
}
