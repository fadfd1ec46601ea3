package provision

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lectern/lectern/runtime/host/command"
)

const packagesLimit = 15 * time.Minute // of one try

// manager is a package manager.
type manager struct {
	// query says how packages are; its status is not 0 when it does not know one.
	query []string
	// install are run in order, the last with the packages.
	install [][]string
	env     []string
}

// managerOf goes by the ID of /etc/os-release.
func managerOf(system string) (manager, error) {
	id, _, _ := strings.Cut(system, "-")
	switch id {
	case "debian", "ubuntu":
		// Files that the instance or its image has changed stay as they are; nobody is there to be asked.
		get := []string{
			"apt-get", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
		}
		return manager{
			query:   []string{"dpkg-query", "--show", "--showformat=${db:Status-Status}\n"},
			install: [][]string{slices.Concat(get, []string{"update"}), slices.Concat(get, []string{"install", "--yes", "--no-install-recommends"})},
			env:     []string{"DEBIAN_FRONTEND=noninteractive"},
		}, nil
	case "amzn", "fedora", "rhel", "centos", "rocky", "almalinux":
		return manager{query: []string{"rpm", "--query", "--whatprovides"}, install: [][]string{{"dnf", "-y", "install"}}}, nil
	}
	return manager{}, fmt.Errorf("no package manager is known for the operating system %s", system)
}

// InstallPackages installs the distribution's packages and what the other steps need, unless all are there.
func (m *Machine) InstallPackages(ctx context.Context) error {
	names := m.wanted()
	if len(names) == 0 {
		return nil
	}
	with, err := managerOf(m.System)
	if err != nil {
		return err
	}
	if m.installed(ctx, with, names) {
		return nil
	}
	return m.retry(ctx, "install packages", packagesLimit, func(ctx context.Context) error {
		for i, line := range with.install {
			if i == len(with.install)-1 {
				line = slices.Concat(line, names)
			}
			if _, err := m.Commands.Run(ctx, command.Command{Name: line[0], Args: line[1:], Env: with.env}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (m *Machine) installed(ctx context.Context, with manager, names []string) bool {
	out, err := m.run(ctx, time.Minute, with.query[0], slices.Concat(with.query[1:], names)...)
	if err != nil {
		return false
	}
	for line := range strings.Lines(out) {
		if with.query[0] == "dpkg-query" && strings.TrimSpace(line) != "installed" {
			return false
		}
	}
	return true
}

// wanted are the packages of the distribution, git where code comes by it, and the helper that mounts EFS where the
// distribution has one.
func (m *Machine) wanted() []string {
	names := slices.Clone(m.Packages)
	red := !strings.HasPrefix(m.System, "debian-") && !strings.HasPrefix(m.System, "ubuntu-")
	if repository := m.Recipe.Code.Repository; repository != "" {
		names = append(names, "git")
		if strings.HasPrefix(repository, "ssh://") && red {
			names = append(names, "openssh-clients")
		} else if strings.HasPrefix(repository, "ssh://") {
			names = append(names, "openssh-client")
		}
	}
	if m.Facts.Files.MountPath != "" && strings.HasPrefix(m.System, "amzn-") {
		names = append(names, "amazon-efs-utils")
	}
	slices.Sort(names)
	return slices.Compact(names)
}
