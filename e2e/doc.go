// Package e2e tests the whole program as its users run it: bin/terrace with bin/postgresd and bin/temporald, over HTTP
// alone. Its tests cover every step of the lifecycle, kill every process that can be killed, and send every command
// twice.
package e2e
