package iam

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// assets are files that the CDK uploads under their own hash: the same binary, or recipe, for whoever has the same.
var assets = regexp.MustCompile(`^arn:aws:s3:::cdk-hnb659fds-assets-\d{12}-[a-z0-9-]+/([0-9a-f]{64}\.(elf|json))?$`)

// TestIsolation puts all clients into one account and region, and a second copy of each beside it. Nothing of one is
// allowed on anything of another, apart from what exceptions.yaml explains.
func TestIsolation(t *testing.T) {
	p := newProof(t)
	var first, second []*World
	for _, one := range p.plans {
		place := common
		place.Client = one.Client
		first = append(first, p.open(t, one, place))
		place.Client += copied
		second = append(second, p.open(t, one, place))
	}
	type pair struct{ from, on *World }
	var pairs []pair
	for i, from := range first {
		for _, on := range first {
			if from != on {
				pairs = append(pairs, pair{from, on})
			}
		}
		pairs = append(pairs, pair{from, second[i]}, pair{second[i], from})
	}
	var b batch
	var asks []Ask
	tried, shared := map[*World][]int{}, map[string]bool{}
	for _, x := range pairs {
		list, err := x.from.trespasses(x.on)
		require.NoError(t, err)
		require.NotEmpty(t, list)
		both, err := x.from.shared(x.on)
		require.NoError(t, err)
		for _, arn := range both {
			require.Regexp(t, assets, arn, "%s and %s both have it", x.from.Env.Client, x.on.Env.Client)
			shared[arn] = true
		}
		for _, ask := range list {
			ask.index, err = b.add(ask, x.on)
			require.NoError(t, err)
			tried[x.from] = append(tried[x.from], len(asks))
			asks = append(asks, ask)
		}
	}
	answers, _, err := b.ask()
	require.NoError(t, err)
	table := []string{fmt.Sprintf("%-17s %7s %7s %18s %20s %12s", "client", "tried", "denied", "roles, explained", "services, explained", "unexplained")}
	for _, w := range slices.Concat(first, second) {
		count := map[string]int{}
		for _, i := range tried[w] {
			answer, ask := answers[asks[i].index], asks[i]
			if answer.Error != nil {
				continue // the action is not for this kind of resource
			}
			count["tried"]++
			list, what := p.exceptions.Shared, "role"
			principal := ask.Principal
			if ask.Role == nil {
				list, what = p.exceptions.Services, "service"
			} else {
				principal = ask.Role.Service
			}
			switch {
			case !answer.allowed():
				count["denied"]++
			case explained(list, principal, ask.Call.Action, ask.Call.Resource):
				count[what]++
			default:
				count["unexplained"]++
				t.Errorf("%s of %s may do this with what is another client's: %s", ask.Principal, w.Env.Client, ask.Call)
			}
		}
		require.NotZero(t, count["denied"])
		table = append(table, fmt.Sprintf("%-17s %7d %7d %18d %20d %12d", w.Env.Client, count["tried"], count["denied"], count["role"], count["service"], count["unexplained"]))
	}
	requireInUse(t, "shared", p.exceptions.Shared)
	requireInUse(t, "services", p.exceptions.Services)
	t.Logf("calls of one client on what is another's, %d pairs in one account and region; %d files of the CDK's bucket belong to several:\n%s",
		len(pairs), len(shared), strings.Join(table, "\n"))
}
