package host_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host"
)

func TestMemoryIsTheLeastOfAllLimits(t *testing.T) {
	const installed = "MemTotal:         943060 kB\nMemFree: 1 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no limit but the machine's": {map[string]string{"proc/meminfo": installed, "proc/self/cgroup": "0::/a.slice/b.service\n", "sys/fs/cgroup/a.slice/b.service/memory.max": "max\n"}, 943060 << 10},
		"the unit's":                 {map[string]string{"proc/meminfo": installed, "proc/self/cgroup": "0::/a.slice/b.service\n", "sys/fs/cgroup/a.slice/b.service/memory.max": "772554752\n"}, 772554752},
		"a group's around it":        {map[string]string{"proc/meminfo": installed, "proc/self/cgroup": "0::/a.slice/b.service\n", "sys/fs/cgroup/a.slice/memory.max": "1000\n", "sys/fs/cgroup/a.slice/b.service/memory.max": "2000\n"}, 1000},
		"a container's":              {map[string]string{"proc/meminfo": installed, "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "536870912\n"}, 536870912},
		"version 1":                  {map[string]string{"proc/meminfo": installed, "proc/self/cgroup": "5:cpu:/x\n4:memory:/x\n", "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "1234\n"}, 1234},
		"version 1 without a limit":  {map[string]string{"proc/meminfo": installed, "proc/self/cgroup": "4:memory:/x\n", "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "9223372036854771712\n"}, 943060 << 10},
		"nothing is known":           {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for file, text := range c.files {
				require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, file)), 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(root, file), []byte(text), 0o600))
			}
			require.Equal(t, c.want, host.Memory(root))
		})
	}
}
