// Package e2e tests the whole program as its users run it: bin/terrace with bin/postgresd and bin/temporald, over HTTP
// alone. Its tests walk every row of the lifecycle, kill what can be killed, and send everything twice.
package e2e
