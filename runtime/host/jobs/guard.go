package jobs

import (
	"fmt"
	"os"
	"sync"

	"github.com/lectern/lectern/runtime/host/command"
)

// guard lets a command not outlive this process, however that ends: the command's process group has a member that
// reads from a pipe whose other end is ours alone. When that end is closed, by us or by the system because we died, it
// kills the group. (A parent-death signal would reach the shell, not what the shell started.) A process that leaves
// the group escapes; systemd ends it with the unit.
type guard struct {
	read, write *os.File
	once        sync.Once
}

// guarded starts the member, which heeds no request to end, and becomes the shell that runs the line. The pipe arrives
// as standard input; the line has none.
const guarded = `exec 3<&0 </dev/null
( trap '' TERM INT HUP; read -r _ <&3; kill -KILL 0 ) >/dev/null 2>&1 &
exec 3<&-
exec /bin/sh -ec "$1"`

func newGuard() (*guard, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	return &guard{read: read, write: write}, nil
}

// command runs a line for /bin/sh -e under the guard.
func (g *guard) command(line string, c command.Command) command.Command {
	c.Name, c.Args, c.Stdin = "/bin/sh", []string{"-c", guarded, "lectern-job", line}, g.read
	return c
}

// kill kills what is left of the group, at any time.
func (g *guard) kill() { g.once.Do(func() { _ = g.write.Close() }) }

// end kills too. The command has been run, so that nobody needs the other end of the pipe any more.
func (g *guard) end() {
	g.kill()
	_ = g.read.Close()
}
