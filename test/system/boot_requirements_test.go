//go:build system && linux

package system_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
)

// readyDeadline is the deadline of boots that are to fail; the one in production is ten minutes.
const readyDeadline = 10 * time.Second

// impatient is the user data with a shorter deadline for getting ready.
func (s *bootSite) impatient() string {
	return strings.TrimSuffix(s.userData, "\n") + " --ready-deadline " + readyDeadline.String() + "\n"
}

// requireTold checks what CloudFormation and the launch hook got: one word each.
func (b *booted) requireTold(t *testing.T, status, result string) {
	t.Helper()
	shown := b.machine.log()
	require.Equal(t, []string{status}, b.aws.said("SignalResource", "Status"), "signals to CloudFormation\n%s", shown)
	require.Equal(t, []string{result}, b.aws.said("CompleteLifecycleAction", "LifecycleActionResult"), "answers to the launch hook\n%s", shown)
	require.Equal(t, []string{b.aws.instanceID}, b.aws.said("SignalResource", "UniqueId"))
	require.Equal(t, []string{b.aws.instanceID}, b.aws.said("CompleteLifecycleAction", "InstanceId"))
	require.Empty(t, b.aws.odd, "requests without the role's credentials")
}

// requireFailure waits for the end of a boot that has to fail for a reason, everybody told and nothing left running.
func (b *booted) requireFailure(t *testing.T, reason string) {
	t.Helper()
	b.machine.waitForUserData(t, workloadLimit())
	b.requireTold(t, "FAILURE", "ABANDON")
	require.Contains(t, b.machine.log(), reason, "the reason in the instance's log")
	require.Contains(t, b.machine.log(), "Failed to run module scripts-user", "cloud-init takes the user data for a success")
	active, err := b.machine.run("systemctl", "is-active", contract.UnitName)
	require.Error(t, err, "the service runs on: %s", active)
	listening, err := b.machine.run("ss", "--no-header", "--listening", "--tcp", "--numeric",
		fmt.Sprintf("( sport = :%d or sport = :%d )", contract.DefaultPort, contract.UpstreamPort))
	require.NoError(t, err, listening)
	require.Empty(t, listening, "something would answer the load balancer")
	enabled, err := b.machine.run("systemctl", "is-enabled", contract.UnitName)
	require.Error(t, err, "a restart of the instance would start the service: %s", enabled)
	b.requireNoSecrets(t)
	t.Logf("the log says: %s", lineWith(b.machine.log(), reason))
	t.Logf("from the start of user data to its failure: %.1f s", b.sinceUserData(t, "SignalResource").Seconds())
}

func (b *booted) requireHealthy(t *testing.T) {
	t.Helper()
	require.JSONEq(t, `{"status":"ok","database":"connected","storage":"accessible","cache":"connected","queue":"connected"}`, b.health())
	enabled, err := b.machine.run("systemctl", "is-enabled", contract.UnitName)
	require.NoError(t, err, "a restart of the instance would not start the service: %s", enabled)
	t.Logf("from the start of user data to healthy: %.1f s", b.sinceUserData(t, "CompleteLifecycleAction").Seconds())
	b.requireShipped(t)
}

func (b *booted) health() string {
	output, _ := b.machine.run("curl", "--silent", "--show-error", "http://127.0.0.1:"+strconv.Itoa(contract.DefaultPort)+contract.HealthPath)
	return output
}

// requireNoSecrets looks for the secrets of the deployment in what the machine wrote.
func (b *booted) requireNoSecrets(t *testing.T) {
	t.Helper()
	journal, err := b.machine.run("journalctl", "--no-pager", "--boot")
	require.NoError(t, err, journal)
	config, _ := b.machine.run("cat", contract.ConfigPath) // there may be none
	for _, secret := range b.secrets {
		for name, text := range map[string]string{"the log of user data": b.machine.log(), "the journal": journal, contract.ConfigPath: config} {
			require.NotContains(t, text, secret, "a secret is in %s", name)
		}
	}
}

// requireHardened looks at the running service from the kernel's side: what the unit asks for is in force.
func (b *booted) requireHardened(t *testing.T) {
	t.Helper()
	complaints, err := b.machine.run("systemd-analyze", "verify", "/etc/systemd/system/"+contract.UnitName)
	require.NoError(t, err, complaints)
	require.Empty(t, complaints, "systemd does not understand all of the unit")

	pid := b.servicePID()
	user, _ := b.machine.run("ps", "-o", "user=", "-p", pid)
	require.Equal(t, contract.User, user)
	status, err := b.machine.run("cat", "/proc/"+pid+"/status")
	require.NoError(t, err, status)
	first, err := b.machine.run("cat", "/proc/1/status")
	require.NoError(t, err, first)
	require.Equal(t, "1", field(status, "NoNewPrivs"))
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		require.Equal(t, "0000000000000000", field(status, set), set)
	}
	require.Equal(t, "2", field(status, "Seccomp"), "no system call filter")
	filters, err := strconv.Atoi(field(status, "Seccomp_filters"))
	require.NoError(t, err)
	all, err := strconv.Atoi(field(first, "Seccomp_filters")) // nspawn's own
	require.NoError(t, err)
	require.Greater(t, filters, all, "the unit adds no system call filter to those of the machine")
	for _, place := range []string{"/etc/lectern/x", "/opt/lectern/x", "/usr/x", "/var/x"} {
		output, err := b.machine.run("nsenter", "--target", pid, "--mount", "--", "touch", place)
		require.Error(t, err, "%s can be written to", place)
		require.Contains(t, output, "Read-only file system")
	}
	mode, err := b.machine.run("stat", "--format", "%U %a", contract.ConfigPath)
	require.NoError(t, err, mode)
	require.Equal(t, contract.User+" 600", mode)
}

// requireRecovery kills the service: systemd brings it back, and it gets ready again.
func (b *booted) requireRecovery(t *testing.T) {
	t.Helper()
	before := b.servicePID()
	output, err := b.machine.run("kill", "-KILL", before)
	require.NoError(t, err, output)
	require.Eventually(t, func() bool {
		return strings.Contains(b.health(), `"status":"ok"`) && b.servicePID() != before
	}, 30*time.Second, 200*time.Millisecond, "the service does not come back after a crash")
}

// requireDrain stops the service: it ends by itself, in time and in peace.
func (b *booted) requireDrain(t *testing.T) {
	t.Helper()
	began := time.Now()
	output, err := b.machine.run("systemctl", "stop", contract.UnitName)
	require.NoError(t, err, output)
	require.GreaterOrEqual(t, time.Since(began), contract.DrainDelaySeconds*time.Second, "it did not drain")
	result, err := b.machine.run("systemctl", "show", "--property=Result,ExecMainStatus", contract.UnitName)
	require.NoError(t, err, result)
	require.Contains(t, result, "Result=success")
	require.Contains(t, result, "ExecMainStatus=0")
}

func (b *booted) servicePID() string {
	pid, _ := b.machine.run("systemctl", "show", "--property=MainPID", "--value", contract.UnitName)
	return pid
}

// sinceUserData is the time from the moment cloud-init ran user data to a call to AWS.
func (b *booted) sinceUserData(t *testing.T, action string) time.Duration {
	t.Helper()
	journal, err := os.ReadFile(b.machine.logs + "/cloud-init.log")
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^(\S+ \S+) - .*Running command \['/var/lib/cloud/instance/scripts/part-001'\]`).FindSubmatch(journal)
	require.NotNil(t, found, "cloud-init did not run the user data:\n%s", lastLines(string(journal), 30))
	start, err := time.ParseInLocation("2006-01-02 15:04:05,000", string(found[1]), time.UTC)
	require.NoError(t, err)
	return b.aws.when(t, action).Sub(start)
}

// lineWith is the first line of a text that contains part.
func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// field is a line of /proc/PID/status.
func field(status, name string) string {
	for line := range strings.Lines(status) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// password is the secret part of a secret, which may be a JSON document.
func password(secret string) string {
	var login struct{ Password string }
	if json.Unmarshal([]byte(secret), &login) == nil && login.Password != "" {
		return login.Password
	}
	return secret
}
