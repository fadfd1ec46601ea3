package plan

import (
	"hash/fnv"
	"net/netip"
	"slices"
)

// Client VPCs are the /16 ranges 10.16.0.0 to 10.255.0.0. The sixteen below stay
// free: they are what the default of the CDK (10.0.0.0/16), examples, offices
// and VPNs use, and what a client may one day be peered with.
const (
	firstRange = 16
	lastRange  = 255
)

func rangeAt(i int) netip.Prefix {
	const count = lastRange - firstRange + 1
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(firstRange + i%count), 0, 0}), 16)
}

// DefaultCIDR is the range of a client that states none. It follows from the
// name alone, so it never changes, whoever else comes or goes. Two names can
// meet in one range; Load reports that, and a stated network.cidr solves it.
func DefaultCIDR(client string) netip.Prefix { return rangeAt(home(client)) }

// FreeCIDR is a /16 for a client that overlaps none of the taken ranges: the
// default of its name, or else the next one that is free. Two people who write
// their clients' files at the same time therefore rarely choose the same. False
// when all 240 are taken.
func FreeCIDR(client string, taken []netip.Prefix) (netip.Prefix, bool) {
	for i := range lastRange - firstRange + 1 {
		candidate := rangeAt(home(client) + i)
		if !slices.ContainsFunc(taken, candidate.Overlaps) {
			return candidate, true
		}
	}
	return netip.Prefix{}, false
}

// home is where a name's search for a range begins.
func home(client string) int {
	h := fnv.New32a()
	h.Write([]byte(client)) // never fails
	return int(h.Sum32() % (lastRange - firstRange + 1))
}
