// Package fleet runs the host as it is deployed, on this machine: several processes of the real binary, each before a workload of its own,
// with one database and Valkey's protocol by a Redis server. Then it kills, drains and fails over. The tests have the build tag system and
// print what they measured as tables.
package fleet
