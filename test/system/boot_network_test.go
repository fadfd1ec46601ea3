//go:build system && linux

package system_test

import (
	"fmt"
	"io"
	"net"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	// metadataAddress is where the instance metadata service is on EC2.
	metadataAddress = "169.254.169.254"
	// awsAddress stands for everything else outside of the machine.
	awsAddress = "10.255.255.1"
)

// network is a network namespace of this test's own: the machine in it reaches the
// listeners of this process and nothing else. It is gone when the test is, however it ends.
type network struct {
	path  string // of the namespace
	work  chan func()
	given int // addresses that were given out
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	n := &network{work: make(chan func())}
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked, so that the thread ends with this goroutine
		ready <- syscall.Unshare(syscall.CLONE_NEWNET)
		for do := range n.work {
			do()
		}
	}()
	require.NoError(t, <-ready, "making a network namespace")
	t.Cleanup(func() { close(n.work) })
	n.inside(func() { n.path = fmt.Sprintf("/proc/%d/task/%d/ns/net", syscall.Getpid(), syscall.Gettid()) })
	n.ip(t, "link", "set", "lo", "up")
	for _, address := range []string{metadataAddress, awsAddress} {
		n.ip(t, "address", "add", address+"/32", "dev", "lo")
	}
	return n
}

// address is one more that the machine reaches, for a server that has a port of its own choice.
func (n *network) address(t *testing.T) string {
	t.Helper()
	n.given++
	address := fmt.Sprintf("10.255.254.%d", n.given)
	n.ip(t, "address", "add", address+"/32", "dev", "lo")
	return address
}

// inside runs do on the thread that is in the namespace.
func (n *network) inside(do func()) {
	done := make(chan struct{})
	n.work <- func() { defer close(done); do() }
	<-done
}

func (n *network) ip(t *testing.T, arguments ...string) {
	t.Helper()
	var output []byte
	var err error
	n.inside(func() { output, err = exec.Command("ip", arguments...).CombinedOutput() })
	require.NoError(t, err, "ip %v: %s", arguments, output)
}

// listen opens a port in the namespace.
func (n *network) listen(t *testing.T, address string) net.Listener {
	t.Helper()
	var listener net.Listener
	var err error
	n.inside(func() { listener, err = net.Listen("tcp", address) })
	require.NoError(t, err, "listening in the machine's network")
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// forward leads a port in the namespace to a server on this machine's loopback.
func (n *network) forward(t *testing.T, address, target string) {
	t.Helper()
	listener := n.listen(t, address)
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			go splice(from, target)
		}
	}()
}

func splice(from net.Conn, target string) {
	defer from.Close()
	to, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer to.Close()
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(to, from); _ = to.(*net.TCPConn).CloseWrite() })
	both.Go(func() { _, _ = io.Copy(from, to); _ = from.(*net.TCPConn).CloseWrite() })
	both.Wait()
}
