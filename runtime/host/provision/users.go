package provision

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lectern/lectern/runtime/contract"
)

// appHome is for what tools keep between runs: caches of package managers, for one.
const appHome = "/var/lib/app"

const userLimit = time.Minute

// Users makes contract.AppUser and its group, both with contract.AppUID, without a shell to log in with.
func (m *Machine) Users(ctx context.Context) error {
	id := strconv.Itoa(contract.AppUID)
	group, err := m.run(ctx, userLimit, "getent", "group", contract.AppUser) // app:x:2000:
	if err != nil {
		if _, err := m.run(ctx, userLimit, "groupadd", "--gid", id, contract.AppUser); err != nil {
			return err
		}
	} else if fields := strings.Split(strings.TrimSpace(group), ":"); len(fields) < 3 || fields[2] != id {
		return otherID("group", group)
	}
	has, err := m.run(ctx, userLimit, "id", "-u", contract.AppUser)
	if err != nil {
		_, err = m.run(ctx, userLimit, "useradd", "--uid", id, "--gid", contract.AppUser, "--create-home", "--home-dir", appHome,
			"--shell", "/sbin/nologin", contract.AppUser)
		return err
	}
	if has = strings.TrimSpace(has); has != id {
		return otherID("user", has)
	}
	return nil
}

func otherID(kind, found string) error {
	return fmt.Errorf("the image has a %s %s (%s); its id must be %d, which files on the shared file system belong to: remove it from the image",
		kind, contract.AppUser, strings.TrimSpace(found), contract.AppUID)
}
