package environ

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/awstest"
	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/facts"
	"github.com/lectern/lectern/runtime/secrets"
)

const (
	databaseARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:database-abc"
	mailARN     = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:mail-abc"
	locksARN    = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:locks-abc"
)

// systemctl remembers how it was called.
type systemctl struct {
	mu    sync.Mutex
	calls []string
	fail  int // so many further calls fail
}

func (s *systemctl) Run(_ context.Context, c command.Command) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c.String())
	if s.fail > 0 {
		s.fail--
		return "", errors.New("no bus")
	}
	return "", nil
}

func (s *systemctl) said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.calls...)
}

// logged is a log that may be read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type harness struct {
	*Keeper
	aws  *awstest.AWS
	unit *systemctl
	log  *logged
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	h := &harness{aws: awstest.Start(t), unit: &systemctl{}, log: &logged{}}
	h.aws.SetSecret(databaseARN, `{"username":"app","password":"it's $1"}`)
	h.aws.SetSecret(mailARN, `{"user":"postman","port":587}`)
	h.aws.SetSecret(locksARN, `tok"en`)
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRetryMaxAttempts(1))
	require.NoError(t, err)
	manager := secretsmanager.NewFromConfig(cfg)
	h.Keeper = &Keeper{
		Recipe: contract.Recipe{
			Environment: []contract.Variable{
				{Name: "DATABASE_HOST", Value: "{{.Database.Host}}"},
				{Name: "DATABASE_PASSWORD", Value: `{{secret "database" "password"}}`},
				{Name: "DATABASE_URL", Value: `postgresql://{{secret "database" "username"}}:{{secret "database" "password" | urlquery}}@{{.Database.Host}}`},
				{Name: "MAIL_PORT", Value: `{{secret "mail" "port"}}`},
				{Name: "REDIS_PASSWORD", Value: `{{secret "locks" ""}}`},
			},
			Services: []contract.Service{
				{Name: "{{.Vars.fpm}}", OnEnvironment: contract.ActionReload},
				{Name: "web", OnEnvironment: contract.ActionRestart},
				{Name: "quiet"},
			},
		},
		Facts: facts.Facts{
			Config: contract.Config{
				Database: contract.Database{Host: "db.internal", SecretARN: databaseARN},
				Locks:    contract.Cache{Engine: contract.CacheValkey, SecretARN: locksARN},
				Secrets:  map[string]string{"mail": mailARN},
			},
			Vars: map[string]string{"fpm": "php8.4-fpm"},
		},
		Read:   func(ctx context.Context, arn string) (string, error) { return secrets.FromManager(manager, arn)(ctx) },
		Runner: h.unit, Log: slog.New(slog.NewJSONHandler(h.log, nil)),
		Root: t.TempDir(), UID: -1, GID: -1,
		Interval: 50 * time.Millisecond, Poll: 5 * time.Millisecond, MinAge: time.Millisecond, Patience: time.Millisecond,
	}
	return h
}

func (h *harness) file(t *testing.T, name string) string {
	t.Helper()
	content, err := h.read(name)
	require.NoError(t, err)
	return string(content)
}

// run runs the keeper until the test ends, and returns when it is ready.
func (h *harness) run(t *testing.T) {
	t.Helper()
	ready := make(chan struct{})
	h.Ready = func() error { close(ready); return nil }
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	t.Cleanup(func() { stop(); require.NoError(t, <-done) })
	select {
	case <-ready:
	case err := <-done:
		done <- nil
		require.NoError(t, err)
	case <-time.After(10 * time.Second):
		require.Fail(t, "it does not get ready")
	}
}

func TestBothFilesAreWrittenForTheWorkloadAlone(t *testing.T) {
	h := newHarness(t)
	if os.Geteuid() == 0 {
		h.UID, h.GID = contract.AppUID, contract.AppUID
	}
	require.NoError(t, h.Once(t.Context()))
	require.Equal(t, `DATABASE_HOST="db.internal"
DATABASE_PASSWORD="it's \$1"
DATABASE_URL="postgresql://app:it%27s+%241@db.internal"
MAIL_PORT="587"
REDIS_PASSWORD='tok"en'
`, h.file(t, contract.EnvironmentFile))
	require.JSONEq(t, `{"DATABASE_HOST":"db.internal","DATABASE_PASSWORD":"it's $1",
		"DATABASE_URL":"postgresql://app:it%27s+%241@db.internal","MAIL_PORT":"587","REDIS_PASSWORD":"tok\"en"}`, h.file(t, contract.EnvironmentJSON))
	require.Len(t, h.aws.Calls("GetSecretValue"), 3, "every secret is read once")
	require.Empty(t, h.unit.said())
	for name, want := range map[string]struct {
		mode os.FileMode
		uid  int
	}{
		contract.EnvironmentDir:  {os.ModeDir | 0o750, os.Geteuid()},
		contract.EnvironmentFile: {0o440, os.Geteuid()}, contract.EnvironmentJSON: {0o440, os.Geteuid()},
		contract.RefreshFile: {0o600, h.UID},
	} {
		info, err := os.Lstat(h.path(name))
		require.NoError(t, err)
		require.Equal(t, want.mode, info.Mode(), name)
		if owner := info.Sys().(*syscall.Stat_t); h.UID >= 0 {
			require.Equal(t, []int{want.uid, h.GID}, []int{int(owner.Uid), int(owner.Gid)}, name)
		}
	}
	entries, err := os.ReadDir(h.path(contract.EnvironmentDir))
	require.NoError(t, err)
	require.Len(t, entries, 3, "nothing is left behind")
}

func TestAFolderThatIsALinkIsRefused(t *testing.T) {
	h := newHarness(t)
	elsewhere := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Dir(h.path(contract.EnvironmentDir)), 0o755))
	require.NoError(t, os.Symlink(elsewhere, h.path(contract.EnvironmentDir)))
	require.ErrorContains(t, h.Once(t.Context()), "is no directory")
}

func TestARotatedSecretReachesTheFilesAndTheServices(t *testing.T) {
	h := newHarness(t)
	h.Interval = time.Hour // only the refresh file counts
	h.run(t)
	before := h.file(t, contract.EnvironmentFile)
	h.aws.SetSecret(databaseARN, `{"username":"app","password":"rotated"}`)
	require.NoError(t, os.WriteFile(h.path(contract.RefreshFile), nil, 0o600))
	began := time.Now()
	require.Eventually(t, func() bool { return len(h.unit.said()) == 2 }, 10*time.Second, time.Millisecond)
	require.Less(t, time.Since(began), time.Second)
	require.Equal(t, []string{"systemctl try-reload-or-restart php8.4-fpm.service", "systemctl try-restart web.service"}, h.unit.said())
	require.Equal(t, strings.ReplaceAll(strings.ReplaceAll(before, `it's \$1`, "rotated"), "it%27s+%241", "rotated"), h.file(t, contract.EnvironmentFile))
	require.Contains(t, h.file(t, contract.EnvironmentJSON), `"DATABASE_PASSWORD":"rotated"`)
	for _, secret := range []string{"rotated", "it's", `tok`, "postman"} {
		require.NotContains(t, h.log.String(), secret)
	}
}

func TestARotationIsFoundWithoutBeingAskedFor(t *testing.T) {
	h := newHarness(t)
	h.run(t)
	h.aws.SetSecret(locksARN, `{"authToken":"another"}`)
	require.Eventually(t, func() bool { return strings.Contains(h.file(t, contract.EnvironmentFile), "another") }, 10*time.Second, time.Millisecond)
}

func TestFilesAreNotTouchedWhileNothingChanges(t *testing.T) {
	h := newHarness(t)
	h.run(t)
	before, err := os.Stat(h.path(contract.EnvironmentFile))
	require.NoError(t, err)
	read := len(h.aws.Calls("GetSecretValue"))
	require.Eventually(t, func() bool { return len(h.aws.Calls("GetSecretValue")) > read+6 }, 10*time.Second, time.Millisecond)
	after, err := os.Stat(h.path(contract.EnvironmentFile))
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after))
	require.Empty(t, h.unit.said())
}

func TestWhileSecretsManagerFailsTheLastValuesStay(t *testing.T) {
	h := newHarness(t)
	h.run(t)
	before := h.file(t, contract.EnvironmentFile)
	h.aws.Refuse("GetSecretValue", awstest.Refusal{Status: 500, Code: "InternalServiceError", Message: "it is broken"})
	require.Eventually(t, func() bool { return strings.Contains(h.log.String(), "the last one stays") }, 10*time.Second, time.Millisecond)
	require.Contains(t, h.log.String(), "it is broken")
	require.Contains(t, h.log.String(), databaseARN)
	require.Equal(t, before, h.file(t, contract.EnvironmentFile))
	require.Empty(t, h.unit.said())

	again := *h.Keeper // the unit is restarted meanwhile
	h2 := &harness{Keeper: &again, aws: h.aws, unit: h.unit, log: h.log}
	h2.run(t)
	require.Contains(t, h.log.String(), "keeping the environment of an earlier run")
}

func TestAServiceThatDidNotRestartIsRestartedInTheNextRound(t *testing.T) {
	h := newHarness(t)
	h.run(t)
	h.unit.mu.Lock()
	h.unit.fail = 1
	h.unit.mu.Unlock()
	h.aws.SetSecret(databaseARN, `{"username":"app","password":"rotated"}`)
	require.Eventually(t, func() bool { return len(h.unit.said()) == 3 }, 10*time.Second, time.Millisecond)
	require.Equal(t, "systemctl try-reload-or-restart php8.4-fpm.service", h.unit.said()[2], "the one that failed, and no other")
}

func TestAWorkloadThatAsksAgainAndAgainIsHeldBack(t *testing.T) {
	h := newHarness(t)
	h.Interval, h.MinAge = time.Hour, 300*time.Millisecond
	h.run(t)
	for end := time.Now().Add(250 * time.Millisecond); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		require.NoError(t, os.WriteFile(h.path(contract.RefreshFile), []byte(time.Now().String()), 0o600))
	}
	require.LessOrEqual(t, len(h.aws.Calls("GetSecretValue")), 3*3)
}

func TestTheFirstReadingIsRepeated(t *testing.T) {
	h := newHarness(t)
	h.Patience = 10 * time.Second
	tries := 0
	read := h.Read
	h.Read = func(ctx context.Context, arn string) (string, error) {
		if tries++; tries < 2 {
			return "", errors.New("the role is too new")
		}
		return read(ctx, arn)
	}
	require.NoError(t, h.Once(t.Context()))
	require.Contains(t, h.log.String(), "the role is too new")
}

func TestWhyThereIsNoEnvironment(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(h *harness)
		says   []string
	}{
		"no secret": {func(h *harness) {
			h.Facts.Secrets = map[string]string{"mail": mailARN + "2"}
		}, []string{"variable MAIL_PORT", mailARN + "2", "ResourceNotFoundException", "gave up after"}},
		"not allowed": {func(h *harness) {
			h.aws.Refuse("GetSecretValue", awstest.Refusal{Status: 400, Code: "AccessDeniedException", Message: "role is not authorized"})
		}, []string{"variable DATABASE_PASSWORD", databaseARN, "AccessDeniedException", "role is not authorized"}},
		"never filled in": {func(h *harness) { h.aws.SetSecret(mailARN, `{"port":"","unset":"hunter2"}`) },
			[]string{"variable MAIL_PORT", mailARN, "never filled in", "aws secretsmanager put-secret-value"}},
		"no field":         {func(h *harness) { h.aws.SetSecret(mailARN, `{"prot":"hunter2"}`) }, []string{mailARN, `it has no field "port"`}},
		"empty field":      {func(h *harness) { h.aws.SetSecret(mailARN, `{"port":""}`) }, []string{mailARN, `its field "port" is empty`}},
		"no object":        {func(h *harness) { h.aws.SetSecret(mailARN, `hunter2`) }, []string{mailARN, "it is no JSON object"}},
		"a list":           {func(h *harness) { h.aws.SetSecret(mailARN, `{"port":["hunter2"]}`) }, []string{mailARN, "neither a text nor a number"}},
		"empty":            {func(h *harness) { h.aws.SetSecret(locksARN, "") }, []string{locksARN, "secret is empty"}},
		"a line break":     {func(h *harness) { h.aws.SetSecret(locksARN, "hunter2\nx") }, []string{"variable REDIS_PASSWORD", "line break"}},
		"not configured":   {func(h *harness) { h.Facts.Secrets = nil }, []string{"variable MAIL_PORT", `no secret "mail"; it has: database, locks`}},
		"a bad template":   {func(h *harness) { h.Recipe.Environment[0].Value = "{{.Nothing}}" }, []string{"variable DATABASE_HOST", "Nothing"}},
		"no such name":     {func(h *harness) { h.Recipe.Environment[0].Name = "A-B" }, []string{`"A-B" is no name of a variable`}},
		"nowhere to write": {func(h *harness) { h.Root = "/dev/null" }, []string{"not a directory"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t)
			tc.change(h)
			err := h.Run(t.Context())
			require.Error(t, err)
			for _, part := range tc.says {
				require.ErrorContains(t, err, part)
			}
			require.NotContains(t, err.Error()+h.log.String(), "hunter2")
			require.False(t, h.written())
		})
	}
}

func TestSystemdIsTold(t *testing.T) {
	require.NoError(t, os.Unsetenv("NOTIFY_SOCKET"))
	require.NoError(t, NotifyReady())
	for _, name := range []string{filepath.Join(t.TempDir(), "s"), "@lectern-test-" + filepath.Base(t.TempDir())} {
		c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
		require.NoError(t, err)
		t.Setenv("NOTIFY_SOCKET", name)
		require.NoError(t, NotifyReady())
		buffer := make([]byte, 64)
		n, err := c.Read(buffer)
		require.NoError(t, err)
		require.Equal(t, "READY=1", string(buffer[:n]))
		require.NoError(t, c.Close())
		require.ErrorContains(t, NotifyReady(), "connection refused")
	}
}
