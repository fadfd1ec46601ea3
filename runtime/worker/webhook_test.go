package worker

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/postgres"
)

func TestOnlyPublicAddressesAreConnectedTo(t *testing.T) {
	for _, a := range []string{
		"127.0.0.1", "127.8.9.10", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "169.254.170.2", "100.100.100.200",
		"0.0.0.0", "0.1.2.3", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
		"64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001::1", "2001:db8::1", "fec0::1", "100::1",
	} {
		require.False(t, isPublic(netip.MustParseAddr(a)), a)
	}
	for _, a := range []string{"1.1.1.1", "8.8.8.8", "172.32.0.1", "192.0.1.1", "::ffff:1.1.1.1", "2606:4700:4700::1111", "2a00:1450::1"} {
		require.True(t, isPublic(netip.MustParseAddr(a)), a)
	}
}

// Each form of IPv6 that carries an IPv4 address, with the specification that says so. None of them leads to a private address.
func TestNoFormOfAnAddressHidesAPrivateOne(t *testing.T) {
	for _, v4 := range []string{"10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1"} {
		b := netip.MustParseAddr(v4).As4()
		hex := fmt.Sprintf("%02x%02x:%02x%02x", b[0], b[1], b[2], b[3])
		for source, form := range map[string]string{
			"RFC 4291 2.5.5.1, compatible":       "::" + v4,
			"RFC 4291 2.5.5.2, mapped":           "::ffff:" + v4,
			"RFC 2765 2.1, translated":           "::ffff:0:" + v4,
			"RFC 6052 2.1, well-known":           "64:ff9b::" + v4,
			"RFC 8215, local":                    "64:ff9b:1::" + v4,
			"RFC 3056 2, 6to4":                   "2002:" + hex + "::1",
			"RFC 4380 4, Teredo server":          "2001:0:" + hex + "::1",
			"RFC 5214 6.1, ISATAP":               "2606:4700::5efe:" + v4,
			"RFC 5214 6.1, ISATAP, universal":    "2606:4700::200:5efe:" + v4,
			"RFC 5214 6.1, ISATAP, link-local":   "fe80::5efe:" + v4,
			"RFC 7915, in documentation's range": "2001:db8::" + v4,
		} {
			require.False(t, isPublic(netip.MustParseAddr(form)), "%s: %s", source, form)
		}
	}
}

func TestAddressesOfWebhooks(t *testing.T) {
	require.True(t, isDeliverable("https://lms.example.com:8443/hook?x=1", false))
	require.False(t, isDeliverable("http://lms.example.com/hook", false))
	require.True(t, isDeliverable("http://localhost:8080/hook", true))
	for _, address := range []string{"", "lms.example.com", "https://", "https://:443/", "https://me:secret@lms.example.com/", "ftp://lms.example.com/", "file:///etc/passwd", "https://a b/"} {
		require.False(t, isDeliverable(address, true), address)
	}
}

func TestTheSignatureIsTheDocumentedOne(t *testing.T) {
	// printf '1700000000.{"id":"1"}' | openssl dgst -sha256 -hmac secret
	require.Equal(t, "t=1700000000,v1=086f6aff7bd084c98679825129c5a64dbad88c760016d6d2c0fb123f27951d54", Sign([]byte("secret"), []byte(`{"id":"1"}`), time.Unix(1700000000, 0)))
}

func TestTriesSpreadOverADay(t *testing.T) {
	event := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now, tries := event, 0
	var waits []time.Duration
	for {
		next := nextTry(postgres.Delivery{OccurredAt: event, Attempts: tries}, 503, now)
		if next == nil {
			break
		}
		waits = append(waits, next.Sub(now))
		now = *next
		tries++
	}
	require.InDelta(t, 10, waits[0].Seconds(), 2)
	require.InDelta(t, 30, waits[1].Seconds(), 6)
	require.InDelta(t, longestBackoff.Hours(), waits[len(waits)-1].Hours(), 0.6)
	require.Greater(t, now.Sub(event), 20*time.Hour)
	require.LessOrEqual(t, now.Sub(event), 24*time.Hour)
	require.Less(t, tries, 20)
	require.Nil(t, nextTry(postgres.Delivery{OccurredAt: event}, 410, event), "a receiver that says it is gone is not asked again")
}
