//go:build system

package system_test

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDeploy takes every reference client through its life in its own region. In one more
// it is only stood up and destroyed, so that each is tried in us-east-1 (where the edge
// half shares the region) and outside: what a region changes shows in that.
func TestDeploy(t *testing.T) {
	t.Parallel()
	gaps := readAcceptedGaps(t)
	var planned, ran atomic.Int32
	life := func(t *testing.T, name string, live func(t *testing.T)) {
		planned.Add(1)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ran.Add(1)
			live(t)
		})
	}
	clients := referenceClients(t)
	t.Run("lives", func(t *testing.T) {
		for _, name := range slices.Sorted(maps.Keys(clients)) {
			file := clients[name]
			other := "us-east-1"
			if file.text("region") == other {
				other = "eu-west-1"
			}
			life(t, name+"/"+file.text("region"), func(t *testing.T) { newLife(t, file, gaps).live(t) })
			life(t, name+"/"+other, func(t *testing.T) { newLife(t, file.copy(t, other), gaps).elsewhere(t) })
		}
	})
	if ran.Load() == planned.Load() {
		require.Empty(t, gaps.stale(), "accepted-gaps.yaml lists gaps that no longer occur; take them off the list")
	} else {
		t.Logf("accepted gaps these clients did not need (only a full run decides): %v", gaps.stale())
	}
}

// life is one client's, from bootstrap to destroy.
type life struct {
	client, neighbour clientFile
	emulator          *emulator
	toolkit           *toolkit
	gaps              *gapList
}

func newLife(t *testing.T, client clientFile, gaps *gapList) *life {
	t.Helper()
	e := startEmulator(t, client.text("account"))
	return &life{
		client:    client,
		neighbour: client.neighbour(t),
		emulator:  e,
		toolkit:   newToolkit(t, e, client.text("region")),
		gaps:      gaps,
	}
}

func (l *life) live(t *testing.T) {
	name := l.client.text("name")
	var first, grown, second *assembly

	l.bootstrap(t)
	l.step(t, "synth", func() { first = l.toolkit.synth(t, l.client.text("name"), write(t, l.client)) })
	l.firstDeploy(t, first)
	l.step(t, "synth one size up", func() { grown = l.toolkit.quickSynth(t, name, write(t, l.client.grown(t))) })
	l.step(t, "second deploy", func() { l.update(t, grown) })
	l.step(t, "synth a second client", func() {
		second = l.toolkit.quickSynth(t, l.neighbour.text("name"), write(t, l.client, l.neighbour))
	})
	l.step(t, "deploy it beside", func() { l.deployBeside(t, grown, second) })
	l.step(t, "destroy, refused", func() { l.destroyRefused(t, grown) })
	l.step(t, "destroy", func() { l.destroy(t, grown, second) })

	require.Empty(t, l.gaps.unaccepted(l.emulator.journal(t, 0)),
		"the emulator papered over what accepted-gaps.yaml does not explain")
}

// elsewhere is a life without changes and neighbours.
func (l *life) elsewhere(t *testing.T) {
	l.bootstrap(t)
	first := l.toolkit.quickSynth(t, l.client.text("name"), write(t, l.client))
	l.firstDeploy(t, first)
	l.step(t, "destroy", func() { l.destroy(t, first, nil) })

	require.Empty(t, l.gaps.unaccepted(l.emulator.journal(t, 0)),
		"the emulator papered over what accepted-gaps.yaml does not explain")
}

func (l *life) firstDeploy(t *testing.T, a *assembly) {
	l.step(t, "first deploy", func() {
		l.toolkit.deploy(t, a)
		l.requireStatus(t, a, "CREATE_COMPLETE")
		l.requireProtection(t, a)
	})
}

func (l *life) bootstrap(t *testing.T) {
	t.Helper()
	l.step(t, "bootstrap both regions", func() {
		l.toolkit.bootstrap(t, l.environment(l.client.text("region")), l.environment("us-east-1"))
	})
}

// update deploys a change: it must reach the resources, and replace nothing that holds data.
func (l *life) update(t *testing.T, a *assembly) {
	t.Helper()
	mark := l.emulator.mark(t)
	l.toolkit.deploy(t, a)
	updated := map[string]bool{}
	for _, one := range l.emulator.journal(t, mark) {
		switch one.Event {
		case "UPDATED":
			updated[one.Type] = true
		case "REPLACEMENT":
			kept := slices.Contains(keptTypes, one.Type) || one.Policy != "Delete"
			require.False(t, kept, "the change would replace %s (%s, %s) because of %v",
				one.LogicalID, one.Type, one.Stack, one.Properties)
		}
	}
	require.True(t, updated["AWS::EC2::LaunchTemplate"], "a larger size did not reach the launch template; updated: %v", updated)
	require.True(t, updated["AWS::RDS::DBInstance"] || updated["AWS::RDS::DBCluster"],
		"a larger size did not reach the database; updated: %v", updated)
	for _, s := range a.stacks {
		require.Contains(t, []string{"CREATE_COMPLETE", "UPDATE_COMPLETE"}, l.emulator.stacks(t, s.region)[s.name].Status, s.name)
	}
}

// keptTypes must not be replaced whatever their policies say: they hold data, or what
// holds data sits in them.
var keptTypes = []string{
	"AWS::EC2::Subnet",
	"AWS::EC2::VPC",
	"AWS::EFS::FileSystem",
	"AWS::ElastiCache::ReplicationGroup",
	"AWS::KMS::Key",
	"AWS::RDS::DBCluster",
	"AWS::RDS::DBInstance",
	"AWS::S3::Bucket",
	"AWS::SQS::Queue",
	"AWS::SecretsManager::Secret",
}

// deployBeside stands a second client up without touching the first.
func (l *life) deployBeside(t *testing.T, first, second *assembly) {
	t.Helper()
	mark := l.emulator.mark(t)
	l.toolkit.deploy(t, second)
	l.requireStatus(t, second, "CREATE_COMPLETE")
	for _, one := range l.emulator.journal(t, mark) {
		require.False(t, first.has(one.Stack), "deploying the second client touched the first: %+v", one)
	}
}

// destroyRefused shows that a plain destroy stops at what is protected, with all its
// data still there.
func (l *life) destroyRefused(t *testing.T, a *assembly) {
	t.Helper()
	before := l.alive(t, a)
	output, err := l.toolkit.run(t, "destroy", "--app", a.folder, "--all", "--force")
	require.Error(t, err, "destroy of a client with protected stacks must fail")
	require.Regexp(t, "TerminationProtection is enabled|deletion protection is enabled", output) // of a stack, or of a load balancer before it
	for _, s := range a.stacks {
		if s.protected {
			require.Contains(t, l.emulator.stacks(t, s.region), s.name, "a protected stack is gone")
		}
	}
	for _, r := range before {
		if r.DeletionPolicy == "Retain" || r.DeletionPolicy == "RetainExceptOnCreate" {
			require.True(t, l.isThere(t, r), "%s (%s) is gone though its stack is protected", r.LogicalID, r.Type)
		}
	}
}

// destroy lifts the protections as an operator would, destroys, and finds everything
// that is to be kept still there, and the second client, if there is one, whole.
func (l *life) destroy(t *testing.T, a, second *assembly) {
	t.Helper()
	before := l.alive(t, a)
	l.liftProtections(t, a, before)
	l.toolkit.must(t, "destroy", "--app", a.folder, "--all", "--force")
	for _, s := range a.stacks {
		require.NotContains(t, l.emulator.stacks(t, s.region), s.name)
	}
	l.requireKept(t, before)
	if second != nil {
		l.requireStatus(t, second, "CREATE_COMPLETE")
	}
}

// requireKept finds of what was there before what is to be kept, and nothing else.
func (l *life) requireKept(t *testing.T, before []resource) {
	t.Helper()
	kept := map[string]bool{}
	for _, r := range before {
		if r.DeletionPolicy == "Delete" || r.DeletionPolicy == "Snapshot" {
			require.False(t, l.isThere(t, r), "%s (%s) outlived its stack without a policy that says so", r.LogicalID, r.Type)
			continue
		}
		kept[r.Type] = true
		require.True(t, l.isThere(t, r), "%s (%s, %s) should have been retained", r.LogicalID, r.Type, r.PhysicalID)
		exists, asked := l.emulator.existsInService(t, r)
		require.True(t, exists || !asked, "%s (%s, %s) is gone from its service", r.LogicalID, r.Type, r.PhysicalID)
	}
	require.True(t, kept["AWS::KMS::Key"], "no key was retained; retained: %v", kept)
	require.True(t, kept["AWS::S3::Bucket"], "no bucket was retained; retained: %v", kept)
	require.True(t, kept["AWS::RDS::DBInstance"] || kept["AWS::RDS::DBCluster"], "no database was retained; retained: %v", kept)
}

// liftProtections is what off-boarding does by hand: termination protection of the
// stacks, deletion protection of the load balancers.
func (l *life) liftProtections(t *testing.T, a *assembly, alive []resource) {
	t.Helper()
	for _, s := range a.stacks {
		if _, there := l.emulator.stacks(t, s.region)[s.name]; there && s.protected {
			require.Empty(t, l.emulator.cloudFormation(t, s.region, "UpdateTerminationProtection",
				map[string]string{"StackName": s.name, "EnableTerminationProtection": "false"}))
		}
	}
	for _, r := range alive {
		if r.Type == "AWS::ElasticLoadBalancingV2::LoadBalancer" {
			status, body := l.emulator.query(t, "elasticloadbalancing", r.Region, "2015-12-01", "ModifyLoadBalancerAttributes",
				map[string]string{
					"LoadBalancerArn":           r.PhysicalID,
					"Attributes.member.1.Key":   "deletion_protection.enabled",
					"Attributes.member.1.Value": "false",
				})
			require.Equal(t, 200, status, "%s", body)
		}
	}
}

// alive are the resources of an assembly's stacks.
func (l *life) alive(t *testing.T, a *assembly) []resource {
	t.Helper()
	var found []resource
	for _, r := range l.emulator.resources(t) {
		if a.has(r.Stack) {
			found = append(found, r)
		}
	}
	return found
}

func (l *life) isThere(t *testing.T, wanted resource) bool {
	t.Helper()
	return slices.ContainsFunc(l.emulator.resources(t), func(r resource) bool {
		return r.Type == wanted.Type && r.PhysicalID == wanted.PhysicalID && r.Region == wanted.Region && r.Stack == wanted.Stack
	})
}

func (l *life) requireStatus(t *testing.T, a *assembly, status string) {
	t.Helper()
	for _, s := range a.stacks {
		found, there := l.emulator.stacks(t, s.region)[s.name]
		require.True(t, there, "%s is not in %s", s.name, s.region)
		require.Equal(t, status, found.Status, "%s: %s", s.name, found.Reason)
	}
}

func (l *life) requireProtection(t *testing.T, a *assembly) {
	t.Helper()
	protected := 0
	for _, s := range a.stacks {
		require.Equal(t, s.protected, l.emulator.stacks(t, s.region)[s.name].Protection, "termination protection of %s", s.name)
		if s.protected {
			protected++
		}
	}
	require.NotZero(t, protected, "no stack of %s is termination-protected", l.client.text("name"))
}

func (l *life) environment(region string) string {
	return fmt.Sprintf("aws://%s/%s", l.client.text("account"), region)
}

// step runs a part and prints how long it took.
func (l *life) step(t *testing.T, what string, part func()) {
	t.Helper()
	began := time.Now()
	part()
	t.Logf("%-24s %5.1f s", what, time.Since(began).Seconds())
}
