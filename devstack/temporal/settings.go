package temporal

import (
	"context"
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"

	"terrace/devstack/loopback"
)

// shards is the number of shards of the history service. It cannot be changed once the databases are set up.
const shards = 4

const clusterName = "active"

// clusterConfig describes a cluster of one process: four services, each on its own port on 127.0.0.1. Ports are chosen
// as late as possible.
func clusterConfig(ctx context.Context, store *store, frontendPort int) (*config.Config, error) {
	settings := &config.Config{
		Persistence: config.Persistence{
			NumHistoryShards: shards,
			DefaultStore:     "default",
			VisibilityStore:  "visibility",
			DataStores: map[string]config.DataStore{
				"default":    {SQL: store.main},
				"visibility": {SQL: store.visibility},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            map[string]config.Service{},
	}
	settings.Global.Membership.BroadcastAddress = "127.0.0.1"
	settings.Global.Membership.MaxJoinDuration = 30 * time.Second
	settings.Archival.History.State = "disabled"
	settings.Archival.Visibility.State = "disabled"
	settings.NamespaceDefaults.Archival.History.State = "disabled"
	settings.NamespaceDefaults.Archival.Visibility.State = "disabled"

	for _, service := range services {
		port := frontendPort
		if service != primitives.FrontendService || port == 0 {
			var err error
			if port, err = loopback.FreePort(ctx); err != nil {
				return nil, err
			}
		}
		settings.Services[string(service)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: "127.0.0.1"}}
	}
	frontend := serviceAddress(settings, primitives.FrontendService)
	settings.PublicClient.HostPort = frontend
	settings.ClusterMetadata = &cluster.Config{
		FailoverVersionIncrement: 10,
		MasterClusterName:        clusterName,
		CurrentClusterName:       clusterName,
		ClusterInformation: map[string]cluster.ClusterInformation{
			clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend},
		},
	}
	return settings, nil
}

var services = []primitives.ServiceName{
	primitives.FrontendService, primitives.HistoryService, primitives.MatchingService, primitives.WorkerService,
}

func serviceAddress(settings *config.Config, service primitives.ServiceName) string {
	return loopback.Address(settings.Services[string(service)].RPC.GRPCPort)
}

// staticHosts replaces the membership ring, so that there are no further ports, and no members of a killed run to wait
// for.
func staticHosts(settings *config.Config) map[primitives.ServiceName]static.Hosts {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for _, service := range services {
		hosts[service] = static.SingleLocalHost(serviceAddress(settings, service))
	}
	return hosts
}

const mebibyte = 1 << 20

// dynamicSettings returns settings for one machine with few cores and a few thousand open workflows.
func dynamicSettings() dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		// Pollers of a partition see only that partition's tasks; with one partition each poller sees all.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,

		// Short timers fire on time. The first setting allows for hosts whose clocks differ and delays every shorter
		// timer by that much. The others let a shard look for due work more often than 20 times a second.
		dynamicconfig.TimerProcessorMaxTimeShift.Key():  10 * time.Millisecond,
		dynamicconfig.TimerProcessorMaxPollRPS.Key():    500,
		dynamicconfig.TransferProcessorMaxPollRPS.Key(): 100,

		dynamicconfig.HistoryCacheHostLevelMaxSize.Key():     8192,
		dynamicconfig.EnableHostLevelEventsCache.Key():       true,
		dynamicconfig.EventsHostLevelCacheMaxSizeBytes.Key(): 16 * mebibyte,

		// A task handed to a poll whose worker has just left would otherwise be lost for ten seconds.
		dynamicconfig.EnableCancelWorkerPollsOnShutdown.Key(): true,

		dynamicconfig.NamespaceCacheRefreshInterval.Key(): 500 * time.Millisecond,

		// Nothing leaves the machine, and no unrequested service runs.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
		dynamicconfig.TaskQueueScannerEnabled.Key():  false,
		dynamicconfig.HistoryScannerEnabled.Key():    false,
		dynamicconfig.ExecutionsScannerEnabled.Key(): false,
	}
}
