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

// The range from which ports are chosen. It lies below Linux's range for outgoing connections (ip_local_port_range,
// 32768 and above): a port in that range may be taken between the check and the server's bind, and a client that dials
// its own port connects to itself.
const lowest, highest = 16384, 32767

// FreePort returns a port on which nothing is listening. The port is not reserved.
func FreePort(ctx context.Context) (int, error) {
	for range 100 {
		port := lowest + rand.IntN(highest-lowest+1) //nolint:gosec // a port is no secret
		if IsFree(ctx, port) == nil {
			return port, nil
		}
	}
	return 0, fmt.Errorf("found no free port between %d and %d on 127.0.0.1", lowest, highest)
}

// IsFree returns the reason why a port cannot be listened on, or nil if it is free.
func IsFree(ctx context.Context, port int) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", Address(port))
	if err != nil {
		return err
	}
	return listener.Close()
}
