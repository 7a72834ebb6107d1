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

// webInterface is Temporal's own user interface for operators.
type webInterface struct{ server *uiserver.Server }

// startWebInterface returns when the interface accepts connections.
func startWebInterface(ctx context.Context, port int, frontend string) (*webInterface, error) {
	if err := checkFree(port); err != nil { // a taken port would end the process without a word
		return nil, err
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
	for {
		conn, err := net.Dial("tcp", loopback.Address(port))
		if err == nil {
			return &webInterface{server: ui}, conn.Close()
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the web interface does not answer: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func checkFree(port int) error {
	listener, err := net.Listen("tcp", loopback.Address(port))
	if err != nil {
		return fmt.Errorf("port of the web interface: %w", err)
	}
	return listener.Close()
}

func (w *webInterface) stop() { w.server.Stop() }
