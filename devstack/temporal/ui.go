package temporal

import (
	"context"
	"fmt"
	"net"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"

	"terrace/devstack/loopback"
)

// webInterface is Temporal's own web interface for operators.
type webInterface struct{ server *uiserver.Server }

// startWebInterface starts the web interface and returns when it accepts connections.
func startWebInterface(ctx context.Context, port int, frontend string) (*webInterface, error) {
	if err := loopback.IsFree(ctx, port); err != nil { // a taken port would end the process silently
		return nil, fmt.Errorf("port of the web interface: %w", err)
	}
	ui := uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		Host:                "127.0.0.1",
		Port:                port,
		TemporalGRPCAddress: frontend,
		EnableUI:            true,
		CORS:                uiconfig.CORS{CookieInsecure: true},
		HideLogs:            true,
		DisableNewsFetch:    true,
	}))
	go func() { _ = ui.Start() }()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "tcp", loopback.Address(port))
		if err == nil {
			return &webInterface{server: ui}, conn.Close()
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the web interface does not respond: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (w *webInterface) stop() { w.server.Stop() }
