package facts

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lectern/lectern/runtime/contract"
)

const osRelease = "/etc/os-release"

// System names the operating system below root (empty: /) by ID and VERSION_ID of /etc/os-release: "amzn-2023",
// "debian-13". Where there is no VERSION_ID it is ID alone.
// https://www.freedesktop.org/software/systemd/man/latest/os-release.html
func System(root string) (string, error) {
	path := filepath.Join("/", root, osRelease)
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("find out the operating system: %w", err)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[name] = strings.Trim(value, `"'`)
	}
	switch id, version := values["ID"], values["VERSION_ID"]; {
	case id == "":
		return "", fmt.Errorf("find out the operating system: %s has no line ID=", path)
	case version == "":
		return id, nil
	default:
		return id + "-" + version, nil
	}
}

// Distribution is the part of a recipe for the operating system below root, and that system's name.
func Distribution(r contract.Recipe, root string) (string, contract.Distribution, error) {
	name, err := System(root)
	if err != nil {
		return "", contract.Distribution{}, err
	}
	d, ok := r.Distributions[name]
	if !ok {
		return "", contract.Distribution{}, fmt.Errorf("the operating system is %s; the recipe is written for %s: start the instance from an image of one of them",
			name, strings.Join(slices.Sorted(maps.Keys(r.Distributions)), ", "))
	}
	return name, d, nil
}
