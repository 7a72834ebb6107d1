// Package loopback finds ports on 127.0.0.1.
package loopback

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Address is where a port of this machine is reached.
func Address(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// The ports below Linux's range for outgoing connections (ip_local_port_range, 32768 and above): a port from that range
// may be taken between our look and the server's bind, and a client that knocks on its own port connects to itself.
const lowest, highest = 16384, 32767

// FreePort names a port that nobody listens on. Nothing keeps it free until it is used.
func FreePort(ctx context.Context) (int, error) {
	for range 100 {
		port := lowest + rand.IntN(highest-lowest+1) //nolint:gosec // a port is no secret
		if IsFree(ctx, port) == nil {
			return port, nil
		}
	}
	return 0, fmt.Errorf("found no free port between %d and %d on 127.0.0.1", lowest, highest)
}

// IsFree tells why a port cannot be listened on, nil when it can.
func IsFree(ctx context.Context, port int) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", Address(port))
	if err != nil {
		return err
	}
	return listener.Close()
}
