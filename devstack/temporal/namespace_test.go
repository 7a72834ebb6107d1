package temporal_test

import (
	"path/filepath"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"terrace/devstack/postgres"
	"terrace/devstack/temporal"
)

// Both starts happen in this process, one after the other, as with an older and a newer release.
func TestANamespaceOfAnOlderReleaseGetsNewSearchAttributes(t *testing.T) {
	t.Parallel()
	database, err := postgres.Start(t.Context(), postgres.Config{Data: filepath.Join(t.TempDir(), "pg"), Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(database.Stop)
	releases := []map[string]enumspb.IndexedValueType{
		{"TerraceStage": enumspb.INDEXED_VALUE_TYPE_KEYWORD},
		{"TerraceStage": enumspb.INDEXED_VALUE_TYPE_KEYWORD, "TerraceDue": enumspb.INDEXED_VALUE_TYPE_DATETIME},
	}
	for _, attributes := range releases {
		config := temporal.Config{Postgres: database.URL, Namespaces: []string{"terrace"}, SearchAttributes: attributes}
		server, err := temporal.Start(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		got := attributesOf(t, server.Address)
		server.Stop()
		if len(got) != len(attributes) {
			t.Errorf("the namespace has %v, want %v", got, attributes)
		}
		for name, kind := range attributes {
			if got[name] != kind {
				t.Errorf("%s is of type %v, want %v", name, got[name], kind)
			}
		}
	}
}

func attributesOf(t *testing.T, address string) map[string]enumspb.IndexedValueType {
	t.Helper()
	connection, err := client.Dial(client.Options{HostPort: address, Namespace: "terrace"})
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	listed, err := connection.OperatorService().ListSearchAttributes(t.Context(), &operatorservice.ListSearchAttributesRequest{Namespace: "terrace"})
	if err != nil {
		t.Fatal(err)
	}
	return listed.GetCustomAttributes()
}
