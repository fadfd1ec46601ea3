//go:build system

package system_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"
)

// TestProcedures follows every document of docs/procedures for every reference client that it applies to, as it is
// written, and finds what it promises. A client is stood up once.
func TestProcedures(t *testing.T) {
	t.Parallel()
	var lines []string
	var mutex sync.Mutex
	t.Cleanup(func() { printTable(lines) })
	clients := referenceClients(t)
	folder := write(t, slices.Collect(maps.Values(clients))...)
	everything := newToolkit(t, &emulator{}, "us-east-1").quickSynth(t, "all", folder)
	for name, client := range chosenClients(t, "demo", "moodle", "scorm-engine") {
		assembly := everything.of(t, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &rehearsal{life: newLife(t, client, readAcceptedGaps(t)), assembly: assembly}
			r.note = func(line string) {
				mutex.Lock()
				defer mutex.Unlock()
				lines = append(lines, line)
			}
			r.rehearse(t)
		})
	}
}

func printTable(lines []string) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "procedure\tclient\tcommands\tseconds\tresult")
	for _, line := range slices.Sorted(slices.Values(lines)) {
		fmt.Fprintln(table, line)
	}
	_ = table.Flush()
}

// rehearsal is one client whose procedures are tried, from the harmless to the last.
type rehearsal struct {
	*life
	assembly *assembly
	operator *operator
	note     func(line string) // for the table
}

func (r *rehearsal) rehearse(t *testing.T) {
	t.Helper()
	r.bootstrap(t)
	r.step(t, "first deploy", func() { r.toolkit.deploy(t, r.assembly) })
	r.operator = newOperator(t, r.toolkit)
	r.operator.assembly(t, r.assembly)
	r.cacheToken(t)
	r.signingSecret(t)
	r.certificates(t)
	r.takeDown(t)
	r.offBoard(t)
}

// follow runs a procedure with the client's name and region and notes how it went.
func (r *rehearsal) follow(t *testing.T, name string, more map[string]string) string {
	t.Helper()
	set := map[string]string{"CLIENT": r.client.text("name"), "REGION": r.client.text("region")}
	maps.Copy(set, more)
	p := readProcedure(t, name)
	began, result := time.Now(), "stopped"
	defer func() {
		r.note(fmt.Sprintf("%s\t%s\t%d\t%.1f\t%s", name, set["CLIENT"], len(p.commands), time.Since(began).Seconds(), result))
	}()
	output := r.operator.follow(t, p, set)
	result = "ok"
	return output
}

// one is the resource of a type; false: the client has none.
func (r *rehearsal) one(t *testing.T, kind, name string) (resource, bool) {
	t.Helper()
	for _, found := range r.alive(t, r.assembly) {
		if found.Type == kind && strings.Contains(found.LogicalID, name) {
			return found, true
		}
	}
	return resource{}, false
}

// secretValue is the value of a secret under a label, and false where no version has it.
func (r *rehearsal) secretValue(t *testing.T, arn, label string) (string, bool) {
	t.Helper()
	output, err := r.operator.aws(t, "secretsmanager", "get-secret-value", "--secret-id", arn, "--version-stage", label, "--query", "SecretString", "--output", "text")
	return strings.TrimSpace(output), err == nil
}

// cacheToken: the cache takes the token of the secret and no other, and neither was printed.
func (r *rehearsal) cacheToken(t *testing.T) {
	t.Helper()
	const kind = "AWS::ElastiCache::ReplicationGroup"
	group, has := r.one(t, kind, "")
	if !has {
		return
	}
	secret, _ := r.one(t, "AWS::SecretsManager::Secret", "AuthToken")
	before, _ := r.secretValue(t, secret.PhysicalID, "AWSCURRENT")
	require.Equal(t, []string{before}, group.Service.AuthTokens)

	output := r.follow(t, "rotate-cache-token", map[string]string{"PAUSE": "0"})

	after, _ := r.secretValue(t, secret.PhysicalID, "AWSCURRENT")
	require.NotEqual(t, before, after)
	require.Len(t, after, 64)
	for _, token := range []string{before, after} {
		require.NotContains(t, output, token)
	}
	_, pending := r.secretValue(t, secret.PhysicalID, "AWSPENDING")
	require.False(t, pending, "a version is still labelled AWSPENDING")
	group, _ = r.one(t, kind, "")
	require.Equal(t, []string{after}, group.Service.AuthTokens)
}

// signingSecret: the version before is still there to check what it signed, and a second rotation is refused.
func (r *rehearsal) signingSecret(t *testing.T) {
	t.Helper()
	secret, has := r.one(t, "AWS::SecretsManager::Secret", "SigningSecret")
	if !has {
		return
	}
	before, _ := r.secretValue(t, secret.PhysicalID, "AWSCURRENT")
	output := r.follow(t, "rotate-signing-secret", nil)
	after, _ := r.secretValue(t, secret.PhysicalID, "AWSCURRENT")
	previous, _ := r.secretValue(t, secret.PhysicalID, "AWSPREVIOUS")
	require.NotEqual(t, before, after)
	require.Len(t, after, 64)
	require.Equal(t, before, previous)
	require.NotContains(t, output, after)

	p := readProcedure(t, "rotate-signing-secret")
	_, err := r.operator.try(t, p, map[string]string{"CLIENT": r.client.text("name"), "REGION": r.client.text("region")})
	require.Error(t, err, "a second rotation at once must be refused: open sessions would end")
	again, _ := r.secretValue(t, secret.PhysicalID, "AWSCURRENT")
	require.Equal(t, after, again)
}

// certificates: listener and distribution have new ones, and those of the stacks are gone.
func (r *rehearsal) certificates(t *testing.T) {
	t.Helper()
	const kind = "AWS::CertificateManager::Certificate"
	if _, has := r.one(t, kind, ""); !has {
		return
	}
	folder, domain := write(t, r.client), r.client.section("domain")
	edge := "us-east-1"
	if r.client.section("edge")["cdn"] == false {
		edge = ""
	}
	set := map[string]string{
		"FILE": filepath.Join(folder, r.client.text("name")+".yaml"), "DOMAIN": domain["name"].(string), "EDGE": edge,
		"EDITOR": filepath.Join(r.operator.folder, "editor"),
	}
	// Who edits the file has seen the two lines. This editor takes what was requested last, CloudFront's after the load balancer's.
	origin := "[-1]"
	if edge == r.client.text("region") {
		origin = "[-2]"
	}
	r.operator.program(t, "editor", fmt.Sprintf(`arn() {
  aws acm list-certificates --region $1 --query "CertificateSummaryList[?DomainName=='%s'].CertificateArn | $2" --output text
}
sed -i "/^domain:/a\\    certificateArn: $(arn %s %s)" $1
if test -n "%s"; then sed -i "/^domain:/a\\    edgeCertificateArn: $(arn us-east-1 '[-1]')" $1; fi`,
		set["DOMAIN"], r.client.text("region"), origin, edge))
	r.operator.clients(t, folder)
	output := r.follow(t, "rotate-origin-certificate", set)

	for _, found := range r.alive(t, r.assembly) {
		require.NotEqual(t, kind, found.Type, "a stack still has %s", found.PhysicalID)
	}
	printed := certificateLine.FindStringSubmatch(output)
	require.NotNil(t, printed, output)
	require.Equal(t, printed[1], lastLines(output, 1), "the listener has the new certificate")
	if edge != "" {
		distribution, _ := r.one(t, "AWS::CloudFront::Distribution", "")
		text, err := json.Marshal(distribution.Properties)
		require.NoError(t, err)
		require.Contains(t, string(text), edgeCertificateLine.FindStringSubmatch(output)[1])
	}
}

var (
	certificateLine     = regexp.MustCompile(`(?m)^certificateArn: (\S+)$`)
	edgeCertificateLine = regexp.MustCompile(`(?m)^edgeCertificateArn: (\S+)$`)
)

// TestReplaceImportedCertificate: the ARN is the same, what is behind it is not.
func TestReplaceImportedCertificate(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "111122223333")
	o := newOperator(t, newToolkit(t, e, home))
	authority, folder := newAuthority(t), t.TempDir()
	issue := func() {
		certificate, key, err := authority.sign("learn.example.com")
		require.NoError(t, err)
		for name, content := range map[string][]byte{"certificate.pem": certificate, "key.pem": key, "chain.pem": authority.pem} {
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
		}
	}
	issue()
	file := func(name string) string { return "fileb://" + filepath.Join(folder, name) }
	output, err := o.aws(t, "acm", "import-certificate", "--certificate", file("certificate.pem"), "--private-key", file("key.pem"),
		"--certificate-chain", file("chain.pem"), "--query", "CertificateArn", "--output", "text")
	require.NoError(t, err, output)
	arn := strings.TrimSpace(output)

	issue()
	o.follow(t, readProcedure(t, "replace-imported-certificate"), map[string]string{"ARN": arn, "FOLDER": folder})
	output, err = o.aws(t, "acm", "get-certificate", "--certificate-arn", arn, "--query", "Certificate", "--output", "text")
	require.NoError(t, err, output)
	wanted, err := os.ReadFile(filepath.Join(folder, "certificate.pem"))
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(wanted)), strings.TrimSpace(output))
}

// takeDown: no stack is left, and of the resources those that are to be kept.
func (r *rehearsal) takeDown(t *testing.T) {
	t.Helper()
	before := r.alive(t, r.assembly)
	group, cached := r.one(t, "AWS::ElastiCache::ReplicationGroup", "")
	r.operator.assembly(t, r.assembly)
	output := r.follow(t, "take-down", nil)
	for _, s := range r.assembly.stacks {
		require.NotContains(t, r.emulator.stacks(t, s.region), s.name)
	}
	r.requireKept(t, before)
	if cached {
		require.Contains(t, output, group.PhysicalID+"-final", "the last snapshot of the cache")
	}
}

// offBoard: of what the take-down kept only what waits is left, and the receipt names it.
func (r *rehearsal) offBoard(t *testing.T) {
	t.Helper()
	kept := r.alive(t, r.assembly)
	require.NotEmpty(t, kept)
	body := filepath.Join(t.TempDir(), "body")
	require.NoError(t, os.WriteFile(body, []byte("a file of the client"), 0o600))
	for _, k := range kept {
		if k.Type != "AWS::S3::Bucket" {
			continue
		}
		for range 2 { // two versions, where there are versions
			output, err := r.operator.aws(t, "s3api", "put-object", "--bucket", k.PhysicalID, "--key", "folder/file", "--body", body)
			require.NoError(t, err, output)
		}
	}
	folder := filepath.Join(t.TempDir(), "off-board")

	r.follow(t, "off-board", map[string]string{"FOLDER": folder, "PAUSE": "1"})

	content, err := os.ReadFile(filepath.Join(folder, "receipt.txt"))
	require.NoError(t, err)
	receipt := string(content)
	require.Contains(t, receipt, "snapshot:lectern-"+r.client.text("name")+"-last-")
	for _, k := range kept {
		switch k.Type {
		case "AWS::KMS::Key":
			require.Regexp(t, k.PhysicalID+`\s+PendingDeletion\s+\d`, receipt)
		case "AWS::SecretsManager::Secret":
			require.Regexp(t, k.PhysicalID+`\s+\d`, receipt)
		case "AWS::EFS::FileSystem":
			require.Contains(t, receipt, "recovery-point:"+k.PhysicalID)
		case "AWS::S3::Bucket":
			if strings.HasPrefix(k.LogicalID, "Logs") {
				continue // nothing of the client's, and deleted all the same: it could not be with an object in it
			}
			handed, err := os.ReadFile(filepath.Join(folder, k.PhysicalID, "folder", "file"))
			require.NoError(t, err)
			require.Equal(t, "a file of the client", string(handed))
		}
		waits := k.Type == "AWS::KMS::Key" || k.Type == "AWS::SecretsManager::Secret"
		exists, asked := r.emulator.existsInService(t, k)
		require.True(t, waits || !exists || !asked, "%s (%s) is still there", k.LogicalID, k.PhysicalID)
	}
}
