//go:build system && linux

package system_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

// gitSSH gives a repository to whoever has its deploy key, as GitHub does.
type gitSSH struct {
	deployKey string // private, in OpenSSH's format
	hostKey   string // public, as in a line of known_hosts behind the name
	address   string
}

// serveGitSSH serves on loopback until the test ends. The client names the repository by path.
func serveGitSSH(t *testing.T, r *repository, path string) *gitSSH {
	t.Helper()
	_, host, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(host)
	require.NoError(t, err)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "deploy key")
	require.NoError(t, err)
	deploy, err := ssh.NewPublicKey(public)
	require.NoError(t, err)

	config := &ssh.ServerConfig{PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if c.User() != "git" || !bytes.Equal(key.Marshal(), deploy.Marshal()) {
			return nil, errors.New("unknown key")
		}
		return nil, nil
	}}
	config.AddHostKey(signer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go answerGit(connection, config, r, path)
		}
	}()
	return &gitSSH{
		deployKey: string(pem.EncodeToMemory(block)),
		hostKey:   strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey()))),
		address:   listener.Addr().String(),
	}
}

// answerGit lets a connection fetch, and nothing else.
func answerGit(connection net.Conn, config *ssh.ServerConfig, r *repository, path string) {
	defer connection.Close()
	client, channels, requests, err := ssh.NewServerConn(connection, config)
	if err != nil {
		return
	}
	defer client.Close() //nolint:errcheck // the client may be gone
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		if offered.ChannelType() != "session" {
			_ = offered.Reject(ssh.UnknownChannelType, "only sessions")
			continue
		}
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		go func() {
			defer channel.Close() //nolint:errcheck // the client may be gone
			var environment []string
			for request := range requests {
				var text struct{ Name, Value string }
				switch request.Type {
				case "env":
					if ssh.Unmarshal(request.Payload, &text) == nil && text.Name == "GIT_PROTOCOL" {
						environment = append(environment, text.Name+"="+text.Value)
					}
					_ = request.Reply(true, nil)
				case "exec":
					var line struct{ Command string }
					err := ssh.Unmarshal(request.Payload, &line)
					_ = request.Reply(err == nil, nil)
					_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uploadPack(channel, line.Command, environment, r, path)}))
					return
				default:
					_ = request.Reply(false, nil)
				}
			}
		}()
	}
}

func uploadPack(channel ssh.Channel, line string, environment []string, r *repository, path string) uint32 {
	if line != "git-upload-pack '"+path+"'" {
		_, _ = channel.Stderr().Write([]byte("ERROR: Repository not found.\n"))
		return 128
	}
	command := exec.Command("git", "upload-pack", r.folder)
	command.Env = append(gitEnvironment(), environment...)
	command.Stdin, command.Stdout, command.Stderr = channel, channel, channel.Stderr()
	// Not with Wait, which would wait for a client that has nothing more to say.
	command.WaitDelay = 1
	if err := command.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return 1
	}
	return 0
}
