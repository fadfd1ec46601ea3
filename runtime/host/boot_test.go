package host_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/host/awstest"
	"github.com/lectern/lectern/runtime/host/command"
)

const (
	parameter = "/lectern/demo/web"
	planted   = "hunter2-planted-secret"
	lastWords = "part does not answer"
	secretARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-AbCdEf"
)

// fakeExec remembers what it was told to run, and fails what it is told to fail.
type fakeExec struct {
	ran  []string
	fail string
}

func (f *fakeExec) Run(_ context.Context, c command.Command) (string, error) {
	line := c.String()
	f.ran = append(f.ran, line)
	if line == "id -u lectern" || f.fail != "" && strings.HasPrefix(line, f.fail) {
		return "", errors.New(line + ": exit status 1")
	}
	if c.Name == "journalctl" {
		return "Started\n" + lastWords + "\n", nil
	}
	return "", nil
}

// rig is a machine to boot: AWS, an instance that may be ready, and a bundle to download.
type rig struct {
	aws    *awstest.AWS
	exec   *fakeExec
	log    *bytes.Buffer
	ready  int // status of /readyz
	bundle []byte
	boot   *host.Boot
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{aws: awstest.Start(t), exec: &fakeExec{}, log: &bytes.Buffer{}, ready: http.StatusOK}
	instance := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.WriteHeader(r.ready)
		if req.URL.Path == contract.HealthPath {
			_, _ = w.Write([]byte(`{"status":"starting","database":"unreachable"}`))
		}
	}))
	t.Cleanup(instance.Close)
	truststore := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(r.bundle) }))
	t.Cleanup(truststore.Close)
	r.bundle = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: truststore.Certificate().Raw})

	r.aws.SetParameter(parameter, document(t, "db.abc.eu-central-1.rds.amazonaws.com"))
	r.aws.SetSecret(secretARN, planted)

	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRetryMaxAttempts(1))
	require.NoError(t, err)
	r.boot = &host.Boot{
		Args: contract.BootArgs{
			ConfigParameter: parameter, Region: awstest.Region, StackName: "demo-app", LogicalID: "WebGroup", LaunchHook: "Launch", Revision: "r1",
		},
		AWS: cfg, Log: slog.New(slog.NewJSONHandler(r.log, nil)), Commands: r.exec,
		Root: t.TempDir(), ReadyURL: instance.URL + contract.ReadyPath, ReadyDeadline: time.Minute, Patience: time.Millisecond,
		CABundleURL: truststore.URL, HTTP: truststore.Client(),
	}
	return r
}

func (r *rig) path(name string) string { return filepath.Join(r.boot.Root, name) }

func (r *rig) signals() (statuses, results []string) {
	for _, c := range r.aws.Calls("SignalResource") {
		statuses = append(statuses, c.Params["Status"])
	}
	for _, c := range r.aws.Calls("CompleteLifecycleAction") {
		results = append(results, c.Params["LifecycleActionResult"])
	}
	return statuses, results
}

func TestBootMakesAWorkingInstance(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.boot.Run(t.Context()))

	info, err := os.Stat(r.path(contract.ConfigPath))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	text, err := os.ReadFile(r.path(contract.ConfigPath))
	require.NoError(t, err)
	_, err = contract.Parse(text)
	require.NoError(t, err)
	require.NotContains(t, string(text), planted)
	require.NotContains(t, r.log.String(), planted)
	require.Empty(t, r.aws.Calls("GetSecretValue"), "boot runs as root and needs no secret")

	unit, err := os.ReadFile(r.path("/etc/systemd/system/lectern-runtime.service"))
	require.NoError(t, err)
	for _, line := range []string{
		"ExecStart=/opt/lectern/lectern-runtime serve --config /etc/lectern/runtime.json", "User=lectern", "TimeoutStopSec=55",
		"NoNewPrivileges=yes", "ProtectSystem=strict", "Restart=always", "MemoryMax=80%", "Environment=AWS_REGION=eu-central-1",
	} {
		require.Contains(t, string(unit), "\n"+line+"\n")
	}
	require.NotContains(t, string(unit), "{")
	bundle, err := os.ReadFile(r.path(contract.CABundlePath))
	require.NoError(t, err)
	require.Equal(t, r.bundle, bundle)

	require.Equal(t, []string{
		"id -u lectern",
		"useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /sbin/nologin lectern",
		"chown lectern:lectern " + r.path(contract.ConfigPath),
		"systemctl daemon-reload", "systemctl enable lectern-runtime.service", "systemctl restart lectern-runtime.service",
	}, r.exec.ran)

	hook := r.aws.Calls("CompleteLifecycleAction")
	require.Len(t, hook, 1)
	require.Equal(t, awstest.Group, hook[0].Params["AutoScalingGroupName"])
	require.Equal(t, awstest.InstanceID, hook[0].Params["InstanceId"])
	require.Equal(t, "Launch", hook[0].Params["LifecycleHookName"])
	require.Equal(t, "CONTINUE", hook[0].Params["LifecycleActionResult"])
	signal := r.aws.Calls("SignalResource")
	require.Len(t, signal, 1)
	require.Equal(t, "SUCCESS", signal[0].Params["Status"])
	require.Equal(t, "demo-app", signal[0].Params["StackName"])
	require.Equal(t, "WebGroup", signal[0].Params["LogicalResourceId"])
	require.Equal(t, awstest.InstanceID, signal[0].Params["UniqueId"])

	require.NoError(t, r.boot.Run(t.Context()), "booting again is harmless")
}

func TestNobodyWaitingIsNoFailure(t *testing.T) {
	r := newRig(t)
	r.aws.Refuse("SignalResource", awstest.Refusal{Status: 400, Code: "ValidationError", Message: "Stack demo-app is in UPDATE_COMPLETE state and cannot be signaled"})
	r.aws.Refuse("CompleteLifecycleAction", awstest.Refusal{Status: 400, Code: "ValidationError", Message: "No active Lifecycle Action found with instance ID " + awstest.InstanceID})
	require.NoError(t, r.boot.Run(t.Context()))
	require.Contains(t, r.log.String(), "CloudFormation is not waiting")
	require.Contains(t, r.log.String(), "lifecycle hook is not waiting")
	require.NotContains(t, r.log.String(), `"level":"ERROR"`)
}

func TestEveryFailureIsToldToEverybodyWhoWaits(t *testing.T) {
	denied := awstest.Refusal{Status: 400, Code: "AccessDeniedException", Message: "not authorized"}
	for name, tc := range map[string]struct {
		breaks func(*rig)
		reason string
	}{
		"no such parameter":   {func(r *rig) { r.boot.Args.ConfigParameter = "/other" }, "ParameterNotFound"},
		"no permission":       {func(r *rig) { r.aws.Refuse("GetParameter", denied) }, "AccessDenied"},
		"bad configuration":   {func(r *rig) { r.aws.SetParameter(parameter, `{"clint":"demo"}`) }, "clint: unknown key"},
		"no user":             {func(r *rig) { r.exec.fail = "useradd" }, "useradd --system"},
		"no chown":            {func(r *rig) { r.exec.fail = "chown" }, "write the configuration"},
		"bundle is a page":    {func(r *rig) { r.bundle = []byte("<html>") }, "holds no certificate"},
		"disk is not a place": {func(r *rig) { r.boot.Root = "/dev/null" }, "write the configuration"},
		"unit does not start": {func(r *rig) { r.exec.fail = "systemctl restart" }, "systemctl restart lectern-runtime.service: exit status 1"},
		"never ready":         {func(r *rig) { r.ready, r.boot.ReadyDeadline = http.StatusServiceUnavailable, time.Millisecond }, `\"database\":\"unreachable\"`},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			tc.breaks(r)
			require.Error(t, r.boot.Run(t.Context()))
			statuses, results := r.signals()
			require.Equal(t, []string{"FAILURE"}, statuses)
			require.Equal(t, []string{"ABANDON"}, results)
			require.Contains(t, r.log.String(), "boot step failed")
			require.Contains(t, r.log.String(), tc.reason)
			require.NotContains(t, r.log.String(), planted)
			started := strings.Contains(name, "unit") || strings.Contains(name, "ready")
			require.Equal(t, started, slices.Contains(r.exec.ran, "systemctl disable --now lectern-runtime.service"), "a unit that is not ready is stopped, no other is")
			require.Equal(t, started, strings.Contains(r.log.String(), lastWords), "the journal is gone with the instance")
		})
	}
}

func TestAFailureWhileSignallingIsToldAsFarAsItGoes(t *testing.T) {
	denied := awstest.Refusal{Status: 403, Code: "AccessDenied", Message: "not authorized"}
	t.Run("hook", func(t *testing.T) {
		r := newRig(t)
		r.aws.Refuse("CompleteLifecycleAction", denied)
		require.ErrorContains(t, r.boot.Run(t.Context()), "complete lifecycle hook Launch with CONTINUE")
		statuses, _ := r.signals()
		require.Equal(t, []string{"FAILURE"}, statuses)
		require.Contains(t, r.log.String(), "could not abandon the launch hook")
	})
	t.Run("signal", func(t *testing.T) {
		r := newRig(t)
		r.aws.Refuse("SignalResource", denied)
		require.ErrorContains(t, r.boot.Run(t.Context()), "signal SUCCESS for WebGroup")
		_, results := r.signals()
		require.Equal(t, []string{"CONTINUE", "ABANDON"}, results)
		require.Contains(t, r.log.String(), "could not signal the failure")
	})
	t.Run("metadata service", func(t *testing.T) {
		r := newRig(t)
		r.aws.Refuse("IMDS", awstest.Refusal{Status: 403, Message: "metadata is off"})
		require.ErrorContains(t, r.boot.Run(t.Context()), "instance metadata service")
		statuses, results := r.signals()
		require.Equal(t, []string{"FAILURE"}, statuses)
		require.Empty(t, results)
	})
}

func TestABootThatIsStoppedStillTells(t *testing.T) {
	r := newRig(t)
	r.ready = http.StatusServiceUnavailable
	ctx, stop := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer stop()
	require.Error(t, r.boot.Run(ctx))
	statuses, results := r.signals()
	require.Equal(t, []string{"FAILURE"}, statuses)
	require.Equal(t, []string{"ABANDON"}, results)
}

func TestAParameterThatIsTooNewIsAwaited(t *testing.T) {
	r := newRig(t)
	r.boot.Patience = time.Minute
	r.boot.Args.ConfigParameter = "/new"
	time.AfterFunc(100*time.Millisecond, func() { r.aws.SetParameter("/new", document(t, "localhost")) })
	require.NoError(t, r.boot.Run(t.Context()))
	require.Greater(t, len(r.aws.Calls("GetParameter")), 1)
}

func TestTheBundleIsFetchedOnlyForRDSItself(t *testing.T) {
	for databaseHost, fetched := range map[string]bool{
		"db.abc.eu-central-1.rds.amazonaws.com":            true,
		"db.cluster-ro-abc.eu-central-1.rds.amazonaws.com": true,
		"pooler.proxy-abc.eu-central-1.rds.amazonaws.com":  false,
		"postgres.example.org":                             false,
		"db.abc.rds.cn-north-1.amazonaws.com.cn":           true,
	} {
		t.Run(databaseHost, func(t *testing.T) {
			r := newRig(t)
			r.aws.SetParameter(parameter, document(t, databaseHost))
			require.NoError(t, r.boot.Run(t.Context()))
			_, err := os.Stat(r.path(contract.CABundlePath))
			require.Equal(t, fetched, err == nil)
		})
	}
}

func document(t *testing.T, databaseHost string) string {
	t.Helper()
	text, err := contract.Config{
		Client: "demo", Workload: "scorm-engine", Role: contract.RoleWorker, Region: awstest.Region,
		Database: contract.Database{
			Engine: contract.EnginePostgres, Host: databaseHost, Port: "5432", Name: "lectern", SecretARN: secretARN, TLSMode: contract.TLSVerifyFull,
		},
		ObjectStore: contract.ObjectStore{Kind: contract.StoreS3, Bucket: "content", Region: awstest.Region},
	}.JSON()
	require.NoError(t, err)
	return text
}

func TestABundleOfAnEarlierBootWillDo(t *testing.T) {
	r := newRig(t)
	require.NoError(t, os.MkdirAll(r.path(contract.StateDir), 0o755))
	require.NoError(t, os.WriteFile(r.path(contract.CABundlePath), r.bundle, 0o644))
	r.bundle = []byte("gone")
	require.NoError(t, r.boot.Run(t.Context()))
	require.Contains(t, r.log.String(), "of an earlier boot")
}
