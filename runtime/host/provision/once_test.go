package provision_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
)

// withShell makes the machine run shells for real, as whoever runs the test.
func withShell(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.answer = func(c command.Command) (string, error) {
		require.Equal(t, []string{"app", r.Root + "/srv/app"}, []string{c.User, c.Dir})
		c.User = ""
		return command.System{}.Run(t.Context(), c)
	}
	r.put(t, "srv/app/file", "")
	r.put(t, contract.EnvironmentJSON, `{"PASSWORD":"`+planted+`","MODE":"production"}`)
	r.Recipe.Environment = []contract.Variable{{Name: "PASSWORD", Value: `{{secret "database" "password"}}`}, {Name: "MODE", Value: "production"}}
	return r
}

func TestBuild(t *testing.T) {
	r := withShell(t)
	r.Recipe.Build = []contract.Command{
		{Run: `echo "mode $MODE in {{.CodeDir}} with $PASSWORD"; printf end >built`, LimitSeconds: 10},
		{Run: `test -e built && printf 'no line end'`, LimitSeconds: 10},
	}
	require.NoError(t, r.Build(t.Context()))
	require.Contains(t, r.log.String(), `"line":"mode production in /srv/app with [secret]"`)
	require.Contains(t, r.log.String(), `"line":"no line end"`)
	require.NotContains(t, r.log.String(), planted)
	require.NotContains(t, strings.Join(r.lines(), "\n"), planted)
}

func TestABuildThatFailsSaysWhat(t *testing.T) {
	r := withShell(t)
	r.Recipe.Build = []contract.Command{
		{Run: `echo "cannot reach $PASSWORD"; exit 3`, LimitSeconds: 10}, {Run: "touch second", LimitSeconds: 10},
	}
	err := r.Build(t.Context())
	require.ErrorContains(t, err, "build 1")
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, "cannot reach [secret]")
	require.NotContains(t, err.Error(), planted)
	require.NoFileExists(t, r.Root+"/srv/app/second")

	r.put(t, contract.EnvironmentJSON, `{"PASSWORD":`+planted)
	err = r.Build(t.Context())
	require.ErrorContains(t, err, "no JSON object of texts")
	require.NotContains(t, err.Error(), planted)
}

func TestABuildThatTakesTooLongIsStopped(t *testing.T) {
	r := newRig(t)
	r.put(t, contract.EnvironmentJSON, `{}`)
	r.Commands = runner(func(ctx context.Context, c command.Command) (string, error) {
		c.User, c.Dir = "", r.Root
		return command.System{}.Run(ctx, c)
	})
	r.Recipe.Build = []contract.Command{{Run: "sleep 60", LimitSeconds: 1}}
	start := time.Now()
	require.ErrorContains(t, r.Build(t.Context()), "it took longer than 1s")
	require.Less(t, time.Since(start), 10*time.Second)
}

type runner func(context.Context, command.Command) (string, error)

func (f runner) Run(ctx context.Context, c command.Command) (string, error) { return f(ctx, c) }

func TestAFleetDoesItOnce(t *testing.T) {
	shared, locks := t.TempDir(), cache.NewEmbedded(0)
	install := contract.Once{
		Name: "install", Check: "test -e " + shared + "/done",
		Run: "echo x >>" + shared + "/runs; sleep 0.2; touch " + shared + "/done", LimitSeconds: 30,
	}
	var fleet []*rig
	for range 4 {
		r := withShell(t)
		r.Locks, r.Recipe.Once = locks, []contract.Once{install}
		fleet = append(fleet, r)
	}
	var all sync.WaitGroup
	errs := make([]error, len(fleet))
	for i, r := range fleet {
		all.Go(func() { errs[i] = r.RunOnce(t.Context()) })
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	doers, waiters := 0, 0
	for _, r := range fleet {
		doers += strings.Count(r.log.String(), "this instance does it")
		if strings.Contains(r.log.String(), "waiting for another instance") {
			waiters++
		}
	}
	require.GreaterOrEqual(t, doers, 1)
	require.Equal(t, 3, waiters)
	fleet[0].Root = shared
	require.Equal(t, "x\n", fleet[0].read(t, "runs"))
}

func TestTheNextInstanceDoesWhatOneFailedToDo(t *testing.T) {
	locks := cache.NewEmbedded(0)
	first, second := withShell(t), withShell(t)
	first.Locks, second.Locks = locks, locks
	first.Recipe.Once = []contract.Once{{Name: "install", Check: "test -e done", Run: "echo broken; exit 1", LimitSeconds: 10}}
	second.Recipe.Once = []contract.Once{{Name: "install", Check: "test -e done", Run: "touch done", LimitSeconds: 10}}
	err := first.RunOnce(t.Context())
	require.ErrorContains(t, err, "once install: ")
	require.ErrorContains(t, err, "broken")
	require.NoError(t, second.RunOnce(t.Context()))
	ran := len(second.lines())
	require.NoError(t, second.RunOnce(t.Context()))
	require.Len(t, second.lines(), ran+1, "the check says that it is done, and no lock is taken")
}

func TestWhatOnceCannotDo(t *testing.T) {
	for name, tc := range map[string]struct {
		once   contract.Once
		change func(*testing.T, *rig)
		want   string
	}{
		"no Valkey": {contract.Once{Check: "false", Run: "true", LimitSeconds: 1}, func(_ *testing.T, r *rig) { r.Locks = nil }, "has no Valkey"},
		"never done": {contract.Once{Check: "false", Run: "true", LimitSeconds: 1}, nil,
			"its check still says that it is not done: false"},
		"held by somebody else": {contract.Once{Check: "false", Run: "true", LimitSeconds: 1}, func(t *testing.T, r *rig) {
			r.LockLife = 200 * time.Millisecond
			_, err := r.Locks.Lock(t.Context(), "once:install", time.Minute)
			require.NoError(t, err)
		}, "another instance has been at it for 1s"},
		"no answer":    {contract.Once{Check: "false", Run: "true", LimitSeconds: 1}, func(_ *testing.T, r *rig) { r.Locks = deaf{} }, "no route to Valkey"},
		"bad template": {contract.Once{Check: "{{.No}}", Run: "true", LimitSeconds: 1}, nil, "can't evaluate field No"},
	} {
		t.Run(name, func(t *testing.T) {
			r := withShell(t)
			r.Locks = cache.NewEmbedded(0)
			if tc.change != nil {
				tc.change(t, r)
			}
			tc.once.Name = "install"
			r.Recipe.Once = []contract.Once{tc.once}
			err := r.RunOnce(t.Context())
			require.ErrorContains(t, err, "once install: ")
			require.ErrorContains(t, err, tc.want)
		})
	}
}

// deaf is a Valkey that does not answer.
type deaf struct{ cache.Port }

func (deaf) Lock(context.Context, string, time.Duration) (cache.Lock, error) {
	return nil, errors.New("no route to Valkey")
}

func TestALockThatCannotBeTakenIsTriedAgain(t *testing.T) {
	r := withShell(t)
	locks := &recovering{Port: cache.NewEmbedded(0), failures: 3}
	r.Locks, r.Patience = locks, time.Minute
	r.Recipe.Once = []contract.Once{{Name: "install", Check: "test -e done", Run: "touch done", LimitSeconds: 10}}
	require.NoError(t, r.RunOnce(t.Context()))
	require.Zero(t, locks.failures)
	require.Equal(t, 3, strings.Count(r.log.String(), "trying again"))
}

// recovering fails a few times before it answers.
type recovering struct {
	cache.Port
	failures int
}

func (p *recovering) Lock(ctx context.Context, name string, life time.Duration) (cache.Lock, error) {
	if p.failures > 0 {
		p.failures--
		return nil, errors.New("no route to Valkey")
	}
	return p.Port.Lock(ctx, name, life)
}
