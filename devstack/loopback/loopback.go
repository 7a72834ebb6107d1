// Package loopback finds ports on 127.0.0.1.
package loopback

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Address returns the address of a local port.
func Address(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// These ports lie below Linux's range for outgoing connections (ip_local_port_range, 32768 and above). A port in that
// range may be taken between the check and the server's bind, and a client that dials its own port connects to itself.
const lowest, highest = 16384, 32767

// FreePort returns a port that nobody listens on. Nothing reserves it until it is used.
func FreePort(ctx context.Context) (int, error) {
	for range 100 {
		port := lowest + rand.IntN(highest-lowest+1) //nolint:gosec // a port is no secret
		if IsFree(ctx, port) == nil {
			return port, nil
		}
	}
	return 0, fmt.Errorf("found no free port between %d and %d on 127.0.0.1", lowest, highest)
}

// IsFree returns the reason why nobody can listen on a port, or nil if it is free.
func IsFree(ctx context.Context, port int) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", Address(port))
	if err != nil {
		return err
	}
	return listener.Close()
}
