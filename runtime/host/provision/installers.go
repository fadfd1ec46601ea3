package provision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/lectern/lectern/runtime/contract"
)

const (
	// installersDir is on disk: programs cannot be run from /run on every distribution.
	installersDir   = "/var/lib/lectern/installers"
	installersLimit = 15 * time.Minute // of one try: download and installation, which may download more
	installerBytes  = 1 << 30
)

// RunInstallers fetches and runs the recipe's installers whose programs are not there.
func (m *Machine) RunInstallers(ctx context.Context) error {
	for _, n := range m.Recipe.Installers {
		if _, err := os.Stat(m.path(n.Creates)); err == nil {
			continue
		}
		address, err := m.Facts.Render(n.URL)
		if err != nil {
			return err
		}
		err = m.retry(ctx, "install "+n.Name, installersLimit, func(ctx context.Context) error { return m.installFrom(ctx, n, address) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) installFrom(ctx context.Context, n contract.Installer, address string) error {
	u, err := url.Parse(address)
	if err != nil || !isSafe(u) {
		return permanent{fmt.Errorf("installer %s: %q is no https:// address", n.Name, address)}
	}
	if err := os.MkdirAll(m.path(installersDir), 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(m.path(installersDir), "")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()                                // what is left of it is in nobody's way
	file := filepath.Join(dir, path.Base(path.Clean("/installer/"+u.Path))) // package managers go by the name's end
	if err := m.download(ctx, n, address, file); err != nil {
		return err
	}
	args := make([]string, len(n.Run))
	for i, arg := range n.Run {
		args[i] = strings.ReplaceAll(arg, "{file}", file)
	}
	out, err := m.run(ctx, installersLimit, args[0], args[1:]...)
	if err != nil {
		return err
	}
	if _, err := os.Stat(m.path(n.Creates)); err != nil {
		return fmt.Errorf("installer %s ended well and there is no %s; it said: %s", n.Name, n.Creates, strings.TrimSpace(out))
	}
	return nil
}

// isSafe says whether the server is who the address says.
func isSafe(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && contract.IsLoopback(u.Hostname())
}

// redirects is how many are followed, as by http.Client.
const redirects = 10

// client follows no redirect to where isSafe is not true.
func (m *Machine) client() *http.Client {
	client := *or(m.HTTP, http.DefaultClient)
	client.CheckRedirect = func(to *http.Request, via []*http.Request) error {
		switch {
		case !isSafe(to.URL):
			return permanent{fmt.Errorf("it redirects to %s, which is no https:// address", to.URL)}
		case len(via) >= redirects:
			return fmt.Errorf("stopped after %d redirects", redirects)
		}
		return nil
	}
	return &client
}

func (m *Machine) download(ctx context.Context, n contract.Installer, address, file string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := m.client().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", address, resp.Status)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, sum), io.LimitReader(resp.Body, installerBytes+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("read %s: %w", address, err)
	}
	if size > installerBytes {
		return permanent{fmt.Errorf("%s is larger than %d bytes", address, int64(installerBytes))}
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n.SHA256 != "" && got != n.SHA256 {
		return permanent{fmt.Errorf("%s has the SHA-256 %s; the recipe says %s", address, got, n.SHA256)}
	}
	return nil
}
