package plan

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// zoneSlots is the number of equal parts of a VPC's range that zones own.
const zoneSlots = 4

func (r *resolver) network() Network {
	n := Network{
		CIDR:               r.c.Network.CIDR,
		Zones:              []Zone{},
		InterfaceEndpoints: list(r.c.Network.InterfaceEndpoints),
		FlowLogs:           r.c.Network.FlowLogs,
	}
	slices.Sort(n.InterfaceEndpoints)
	if n.CIDR == "" {
		n.CIDR = DefaultCIDR(r.c.Name).String()
	}
	vpc, err := netip.ParsePrefix(n.CIDR)
	if err != nil || !vpc.Addr().Is4() || vpc.Bits() > 20 {
		return n // a problem of config
	}
	names := r.zoneNames()
	taken := map[int]string{}
	for _, name := range names {
		slot := zoneSlot(name)
		if other, ok := taken[slot]; ok {
			r.problem("network.zones", fmt.Sprintf("%s and %s own the same quarter of the VPC's range", other, name),
				"take another zone instead of one of them: a and e share a quarter, and so do b and f")
			continue
		}
		taken[slot] = name
		n.Zones = append(n.Zones, subnets(vpc, name))
	}
	assignNAT(n.Zones, names, r.c.Network.NatGateways)
	slices.SortFunc(n.Zones, func(a, b Zone) int { return strings.Compare(a.Letter, b.Letter) })
	return n
}

// zoneNames are the zones in the order of the file, or the first three of the
// region. What is not a zone of the region is a problem of config.
func (r *resolver) zoneNames() []string {
	return slices.DeleteFunc(list(r.c.ZoneNames()), func(name string) bool {
		letter, ok := strings.CutPrefix(name, r.c.Region)
		return !ok || len(letter) != 1
	})
}

// zoneSlot is the quarter of the VPC's range that a zone owns. It follows from
// the zone's letter alone: neither a zone that is added or removed nor a region
// that grows moves the subnets of another, which would replace them and all that
// stands in them. Four letters in a row never meet. us-east-1 has six, of which
// a and e share a quarter, and b and f: one client uses one of each pair.
func zoneSlot(zone string) int { return int(zone[len(zone)-1]-'a') % zoneSlots }

// subnets lays out a zone's quarter: its first half is private (instances need
// addresses), then a quarter of it public, an eighth isolated (databases, caches,
// mount targets), and an eighth spare for what is not known yet. In a /16 these
// are a /19, a /20 and two /21; in a /20, the smallest range, a /23, a /24 (load
// balancers ask for a /27 at least) and two /25.
func subnets(vpc netip.Prefix, zone string) Zone {
	quarter := part(vpc, 2, zoneSlot(zone))
	return Zone{
		Name:     zone,
		Letter:   zone[len(zone)-1:],
		Private:  part(quarter, 1, 0).String(),
		Public:   part(quarter, 2, 2).String(),
		Isolated: part(quarter, 3, 6).String(),
	}
}

// part is the i-th of the 2^bits equal parts of an IPv4 range.
func part(p netip.Prefix, bits, i int) netip.Prefix {
	size := p.Bits() + bits
	a := p.Masked().Addr().As4()
	n := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	n += uint32(i) << (32 - size)
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), size)
}

// assignNAT gives the first count zones in the order of the file a gateway (0: all
// zones), and every other zone the gateway whose letter is nearest, the earlier
// of two. The order of the file is the one that a person controls: a zone that is
// added at its end moves no gateway.
func assignNAT(zones []Zone, order []string, count int) {
	if count <= 0 || count > len(order) {
		count = len(order)
	}
	var letters []string
	for i := range zones {
		if slices.Contains(order[:count], zones[i].Name) {
			zones[i].NAT = true
			letters = append(letters, zones[i].Letter)
		}
	}
	slices.Sort(letters)
	for i := range zones {
		zones[i].NATZone = nearestLetter(letters, zones[i].Letter)
	}
}

func nearestLetter(letters []string, to string) string {
	return slices.MinFunc(letters, func(a, b string) int { return distance(a, to) - distance(b, to) })
}

func distance(a, b string) int {
	d := int(a[0]) - int(b[0])
	return max(d, -d)
}
