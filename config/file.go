package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// MaxFileBytes is the size above which a file is refused unread. A complete,
// commented client file has about 10 KiB.
const MaxFileBytes = 1 << 20

// File is a client file that was read. Client holds the defaults of Default
// under what the file says.
type File struct {
	Path   string
	Client Client
	// lines of the keys the file states, by path.
	lines map[string]int
}

// Stated says whether the key is in the file, whatever its value.
func (f File) Stated(path string) bool {
	_, ok := f.lines[path]
	return ok
}

// Line of the key, or of its nearest ancestor that is in the file; 1 without one.
func (f File) Line(path string) int {
	for path != "" {
		if line, ok := f.lines[path]; ok {
			return line
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 1
}

// Problem is a problem of this file at the line of path.
func (f File) Problem(path, found, fix string) Problem {
	return Problem{File: f.Path, Line: f.Line(path), Path: path, Found: found, Fix: fix}
}

// Read reads one client file: it decodes strictly over Default and checks all
// that can be checked in one file alone, except the settings of the workload
// (see package workload). The File is usable for messages even with problems.
func Read(path string) (File, Problems) {
	data, err := readAtMost(path, MaxFileBytes)
	if err != nil {
		return File{Path: path}, Problems{{File: path, Found: err.Error(), Fix: "a client file is a YAML file of some hundred lines"}}
	}
	return Parse(path, data)
}

// Parse is Read for content that is already in memory.
func Parse(path string, data []byte) (File, Problems) {
	f := File{Path: path, Client: Default()}
	root, problems := parse(path, data)
	if len(problems) > 0 {
		return f, problems
	}
	f.lines, problems = index(path, root)
	if len(problems) > 0 {
		return f, problems.Sorted()
	}
	problems = f.Decode("", root, &f.Client, Keys())
	return f, append(problems, without(f.validate(), problems)...).Sorted()
}

// ReadDir reads every client file of a directory, by name. It also reports
// files that look meant but are not read.
func ReadDir(dir string) ([]File, Problems) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, Problems{{File: dir, Found: err.Error(), Fix: "client files live in config/clients"}}
	}
	var (
		files    []File
		problems Problems
		byName   = map[string]File{}
	)
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		switch extension := filepath.Ext(path); {
		case entry.IsDir() || strings.HasPrefix(entry.Name(), "."):
			continue
		case extension != ".yaml":
			if looksLikeYAML(extension) {
				problems = append(problems, Problem{File: path, Found: fmt.Sprintf("a client file ends in .yaml, not %s", extension), Fix: "rename it to " + strings.TrimSuffix(entry.Name(), extension) + ".yaml"})
			}
			continue
		}
		file, found := Read(path)
		problems = append(problems, found...)
		name := file.Client.Name
		if other, ok := byName[name]; ok && name != "" {
			problems = append(problems, file.Problem("name", fmt.Sprintf("%q is also the name in %s", name, other.Path), "every client has its own name"))
		}
		byName[name] = file
		files = append(files, file)
	}
	return files, problems.Sorted()
}

func looksLikeYAML(extension string) bool {
	lower := strings.ToLower(extension)
	return lower == ".yml" || lower == ".yaml" || lower == ".json"
}

// readAtMost reads a whole file, and none of one that is larger than limit.
func readAtMost(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, errors.New("there is no such file")
		}
		return nil, fmt.Errorf("opening it failed: %w", err)
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > limit {
		return nil, fmt.Errorf("it has %.1f MiB, and more than %d MiB is not read", float64(info.Size())/(1<<20), limit>>20)
	}
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading it failed: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("it has more than %d MiB, which is not read", limit>>20)
	}
	return data, nil
}

// without drops from problems those that follow from a value which could not
// be read: at its path, or about the list item or section it is in.
func without(problems, refused Problems) Problems {
	var kept Problems
	for _, problem := range problems {
		follows := false
		for _, r := range refused {
			follows = follows || within(r.Path, problem.Path)
		}
		if !follows {
			kept = append(kept, problem)
		}
	}
	return kept
}

// within says whether path is outer or a part of it.
func within(path, outer string) bool {
	if outer == "" || !strings.HasPrefix(path, outer) {
		return false
	}
	rest := path[len(outer):]
	return rest == "" || rest[0] == '.' || rest[0] == '['
}
