package synth_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/stacks/change"
)

// E9: with a domain players have names of their own: on the distribution, on every certificate that is made, and in DNS.
func TestPlayersHaveNames(t *testing.T) {
	elsewhere := feature(t, "domain")
	elsewhere.Domain.Players, elsewhere.Domain.PlayersZoneID = "example-play.com", "Z0987654321ABCDEFGHIJ"
	for _, p := range []plan.Plan{reference(t, "scorm-engine"), reference(t, "scorm-api"), feature(t, "without-cloudfront"), feature(t, "network-load-balancer"), elsewhere} {
		wildcard, zone := "*."+p.Domain.Players, p.Domain.PlayersZoneID
		e := build(t, p)
		app := e.templates["app"]

		made := 0
		for _, template := range e.templates {
			for id, r := range template.ofType("AWS::CertificateManager::Certificate") {
				made++
				require.Contains(t, r.Properties["SubjectAlternativeNames"], wildcard, id)
				require.Contains(t, r.Properties["DomainValidationOptions"], map[string]any{"DomainName": wildcard, "HostedZoneId": zone}, id)
				require.Contains(t, r.Properties["DomainValidationOptions"], map[string]any{"DomainName": p.Domain.Names[0], "HostedZoneId": p.Domain.ZoneID}, id)
			}
		}
		want := 0
		records := []any{"A"}
		if p.LoadBalancer.Type == "application" {
			want++
		}
		if p.Edge.CDN {
			want++
			records = append(records, "AAAA")
			require.Equal(t, append(listed(p.Domain.Names), wildcard), dig(app.one(t, "AWS::CloudFront::Distribution").Properties, "DistributionConfig", "Aliases"))
		} else {
			require.Empty(t, app.ofType("AWS::CloudFront::Distribution"))
		}
		require.Equal(t, want, made)

		targets := map[any]any{}
		var types []any
		for _, r := range app.ofType("AWS::Route53::RecordSet") {
			if r.Properties["Name"] == wildcard {
				require.Equal(t, zone, r.Properties["HostedZoneId"])
				types = append(types, r.Properties["Type"])
				targets[r.Properties["Type"]] = r.Properties["AliasTarget"]
			}
		}
		require.ElementsMatch(t, records, types)
		for _, r := range app.ofType("AWS::Route53::RecordSet") {
			require.Equal(t, targets[r.Properties["Type"]], r.Properties["AliasTarget"], "they lead where the others do")
		}
		require.Contains(t, app.configuration(t, "/lectern/"+p.Client+"/web"), `"playerUrl":"https://`+wildcard+`"`)
		require.NotContains(t, app.Outputs, "PlayersAddress")

		cors := text(t, e.templates["data"].ofType("AWS::S3::Bucket"))
		require.Contains(t, cors, `"https://`+p.Domain.Names[0]+`"`)
		require.NotContains(t, cors, p.Domain.Players, "packages are uploaded from the console, and from no course")
	}
}

func listed(names []string) []any {
	var list []any
	for _, name := range names {
		list = append(list, name)
	}
	return list
}

// Nothing of this is there for a workload that plays nothing, with a domain or without.
func TestOnlyWhatPlaysHasPlayers(t *testing.T) {
	bare := reference(t, "demo")
	bare.Needs.Players, bare.Edge.PlayersDistribution = false, false
	for _, p := range []plan.Plan{reference(t, "moodle"), reference(t, "gitapp"), reference(t, "codedeploy"), bare} {
		for kind, template := range build(t, p).templates {
			whole := strings.ToLower(text(t, template))
			for _, of := range []string{"players", "playerurl", "*.play.", "origin-agent-cluster"} {
				require.NotContains(t, whole, of, "%s %s", p.Client, kind)
			}
			require.LessOrEqual(t, len(template.ofType("AWS::CloudFront::Distribution")), 1)
		}
	}
}

// E3, E9: without a domain both distributions are protected and inspected.
func TestPlayersWithoutADomainAreProtected(t *testing.T) {
	p := reference(t, "demo")
	p.Edge.ShieldAdvanced = true
	app := build(t, p).templates["app"]
	distributions := app.ofType("AWS::CloudFront::Distribution")
	require.Len(t, distributions, 2)
	protected := text(t, app.ofType("AWS::Shield::Protection"))
	for id, r := range distributions {
		require.Contains(t, protected, id)
		require.NotNil(t, dig(r.Properties, "DistributionConfig", "WebACLId"))
		require.NotNil(t, dig(r.Properties, "DistributionConfig", "Logging"))
	}
	names := map[any]bool{}
	for _, r := range app.ofType("AWS::Shield::Protection") {
		names[r.Properties["Name"]] = true
	}
	require.Equal(t, map[any]bool{"lectern-demo-eu-west-1-Distribution": true, "lectern-demo-eu-west-1-Players": true}, names)
	require.Contains(t, app.Outputs, "PlayersAddress")
}

// The firewall asks for paths and addresses, never for hosts: what holds at the console holds at players.
func TestTheFirewallKnowsNoHosts(t *testing.T) {
	for _, p := range []plan.Plan{reference(t, "demo"), reference(t, "scorm-engine"), feature(t, "without-cloudfront")} {
		for _, template := range build(t, p).templates {
			for id, r := range template.ofType("AWS::WAFv2::WebACL") {
				rules := text(t, r.Properties["Rules"])
				require.NotContains(t, strings.ToLower(rules), "singleheader", id)
				require.Contains(t, rules, "/api/v1/commits", id)
			}
		}
	}
}

// E9: players come to a client that lives, with a domain and without, and go over to a domain and back. AWS takes each of
// these changes, and what is kept stays.
func TestPlayersComeToALivingClient(t *testing.T) {
	before := func(p plan.Plan) plan.Plan {
		p.Needs.Players, p.Edge.PlayersDistribution = false, false
		p.Domain.Players, p.Domain.PlayersZoneID = "", ""
		return p
	}
	apart, domain := reference(t, "demo"), feature(t, "domain")
	for name, c := range map[string]struct {
		from, to plan.Plan
		replaced []string
	}{
		"without a domain":   {before(apart), apart, nil},
		"with a domain":      {before(domain), domain, []string{"AWS::CertificateManager::Certificate"}},
		"a domain later":     {apart, domain, nil},
		"no domain any more": {domain, apart, nil},
	} {
		t.Run(name, func(t *testing.T) {
			report := compare(t, build(t, c.from), build(t, c.to))
			require.NotEmpty(t, report.Stacks)
			require.Empty(t, report.Grave())
			for _, changed := range report.Changes() {
				if changed.Kind == "replaced" && !strings.HasPrefix(changed.Type, "AWS::EC2::SecurityGroup") {
					require.Contains(t, c.replaced, changed.Type, told(changed))
				}
				kept := []string{"AWS::CloudFront::KeyValueStore", "AWS::CloudFront::Function", "AWS::CloudFront::OriginAccessControl", "AWS::CloudFront::ResponseHeadersPolicy"}
				require.False(t, slices.Contains(kept, changed.Type) && changed.Kind != "changed", told(changed))
				require.Less(t, changed.Worst, change.Unknown, told(changed))
			}
		})
	}
}
