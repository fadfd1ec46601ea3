package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Catalogue are the calls of one kind of instance.
type Catalogue struct {
	Who   Who    `json:"who"`
	Calls []Call `json:"calls"`
}

// Who says which instances make the calls of a catalogue. Empty fields do not matter.
type Who struct {
	Client   string `json:"client,omitempty"`   // of one client
	Workload string `json:"workload,omitempty"` // of every client with this workload
	Role     string `json:"role"`               // web or worker
	// Works says whether they work off the queue; empty: does not matter, "yes" or "no".
	Works string `json:"works,omitempty"`
}

// Load reads a catalogue. One that does not exist is empty.
func Load(file string) (Catalogue, error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Catalogue{}, nil
	}
	var c Catalogue
	if err != nil {
		return c, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return c, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

// Save writes a catalogue, sorted, each call on a line of its own.
func (c Catalogue) Save(file string) error {
	slices.SortFunc(c.Calls, Compare)
	c.Calls = slices.CompactFunc(c.Calls, func(a, b Call) bool { return Compare(a, b) == 0 })
	who, err := json.Marshal(c.Who)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n  \"who\": %s,\n  \"calls\": [\n", who)
	for i, call := range c.Calls {
		line, err := json.Marshal(call)
		if err != nil {
			return err
		}
		end := ",\n"
		if i == len(c.Calls)-1 {
			end = "\n"
		}
		fmt.Fprintf(&out, "    %s%s", line, end)
	}
	out.WriteString("  ]\n}\n")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

// Has says whether a call is in the catalogue.
func (c Catalogue) Has(call Call) bool {
	return slices.ContainsFunc(c.Calls, func(known Call) bool { return Compare(known, call) == 0 })
}
