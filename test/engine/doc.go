// Package engine runs the engine as it is deployed, on this machine: several processes of the real binary behind a load
// balancer, one PostgreSQL, Valkey's protocol by a Redis server, and an AWS emulator for secrets, queue and bucket. Then it
// breaks things. The tests have the build tag system.
package engine
