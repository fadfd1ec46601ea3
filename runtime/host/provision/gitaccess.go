package provision

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/facts"
)

// accessDir is in memory.
const accessDir = "/run/lectern"

// access is how git proves who it is: options and environment that name files, never what is in them.
type access struct {
	options, env []string
}

// deployKey is a secret that opens a repository.
type deployKey struct {
	SSHPrivateKey string `json:"sshPrivateKey"`
	Token         string `json:"token"`
	// Username goes with Token; empty: "x-access-token", which GitHub wants and servers that look at the token alone take.
	Username string `json:"username"`
	Unset    any    `json:"unset"`
}

// gitAccess writes what git needs into files that only root can read. forget removes them.
func (m *Machine) gitAccess(ctx context.Context, code contract.Code) (a access, forget func(), err error) {
	ssh := strings.HasPrefix(code.Repository, "ssh://")
	key, err := m.deployKey(ctx, code, ssh)
	if err != nil {
		return access{}, nil, err
	}
	if err := os.MkdirAll(m.path(accessDir), 0o755); err != nil {
		return access{}, nil, err
	}
	dir, err := os.MkdirTemp(m.path(accessDir), "git-") // mode 0700
	if err != nil {
		return access{}, nil, err
	}
	forget = func() {
		if err := os.RemoveAll(dir); err != nil {
			m.Log.Error("could not remove the key for git", "error", err)
		}
	}
	if ssh {
		a, err = sshAccess(dir, key, code.HostKeys)
	} else {
		a, err = tokenAccess(dir, key)
	}
	if err != nil {
		forget()
		return access{}, nil, err
	}
	return a, forget, nil
}

func (m *Machine) deployKey(ctx context.Context, code contract.Code, ssh bool) (deployKey, error) {
	var key deployKey
	if code.Secret == "" {
		return key, nil
	}
	arn := m.Facts.Secrets[code.Secret]
	if arn == "" {
		return key, fmt.Errorf("the recipe's code wants the secret %q, which the configuration does not have", code.Secret)
	}
	var text string
	err := m.retry(ctx, "read the secret "+code.Secret, gitLimit, func(ctx context.Context) (err error) {
		text, err = m.Secret(ctx, arn)
		return err
	})
	if err != nil {
		return key, err
	}
	field := "token"
	if ssh {
		field = "sshPrivateKey"
	}
	fix := fmt.Sprintf(`write {"%s": "…"} into a file that only you can read, then run aws secretsmanager put-secret-value --secret-id %s --secret-string file://FILE`, field, arn)
	switch err := json.Unmarshal([]byte(text), &key); {
	case err != nil:
		return deployKey{}, fmt.Errorf("secret %q is no JSON object of texts; %s", code.Secret, fix)
	case key.Unset != nil:
		return deployKey{}, fmt.Errorf("secret %q was never filled in; %s", code.Secret, fix)
	case ssh && key.SSHPrivateKey == "" || !ssh && key.Token == "":
		return deployKey{}, fmt.Errorf("secret %q has no field %q, which %s needs; %s", code.Secret, field, code.Repository, fix)
	}
	m.secrets.Add(key.Token)
	return key, nil
}

// sshAccess lets ssh use this key and no other, and believe these host keys and no others.
func sshAccess(dir string, key deployKey, hostKeys []string) (access, error) {
	known, identity := filepath.Join(dir, "known_hosts"), filepath.Join(dir, "key")
	if err := os.WriteFile(known, []byte(strings.Join(hostKeys, "\n")+"\n"), 0o400); err != nil {
		return access{}, err
	}
	words := []string{
		"ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "GlobalKnownHostsFile=/dev/null",
		"-o", "UserKnownHostsFile=" + known, "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=20",
		"-o", "IdentityAgent=none", "-o", "IdentitiesOnly=yes",
	}
	if key.SSHPrivateKey != "" {
		// Without a newline at its end OpenSSH does not know a key for one; forms in consoles take it away.
		if err := os.WriteFile(identity, []byte(strings.TrimSpace(key.SSHPrivateKey)+"\n"), 0o400); err != nil {
			return access{}, err
		}
		words = append(words, "-i", identity)
	}
	for i, word := range words {
		words[i] = facts.ShellQuote(word)
	}
	return access{env: []string{"GIT_SSH_COMMAND=" + strings.Join(words, " ")}}, nil
}

// tokenAccess is a credential helper that prints a file. Nothing else may answer, and nothing is kept.
// https://git-scm.com/docs/gitcredentials#_custom_helpers
func tokenAccess(dir string, key deployKey) (access, error) {
	none := access{options: []string{"-c", "credential.helper="}}
	if key.Token == "" {
		return none, nil
	}
	user := or(key.Username, "x-access-token")
	if strings.ContainsAny(user+key.Token, "\r\n\x00") {
		return access{}, errors.New("the token or its username has a line break; one line is wanted")
	}
	file := filepath.Join(dir, "credential")
	if err := os.WriteFile(file, []byte("username="+user+"\npassword="+key.Token+"\n"), 0o400); err != nil {
		return access{}, err
	}
	helper := fmt.Sprintf(`!f() { test "$1" = get && cat %s; }; f`, facts.ShellQuote(file))
	none.options = append(none.options, "-c", "credential.helper="+helper)
	return none, nil
}
