package manifest

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// table is one of AICC's comma-delimited files: the first line names the columns (CMI001 appendix A).
type table struct {
	source
	columns []string // lower case
	records []record
}

// record is one line of a table.
type record struct {
	columns []string
	values  []string
	line    int
}

// get is the value of a column; "" if there is none.
func (r record) get(column string) string {
	return r.at(slices.Index(r.columns, column))
}

// at is the value at a position; "" if there is none.
func (r record) at(i int) string {
	if i < 0 || i >= len(r.values) {
		return ""
	}
	return strings.TrimSpace(r.values[i])
}

// column is the name of a column; "" beyond those that are named.
func (t table) column(i int) string {
	if i >= len(t.columns) {
		return ""
	}
	return t.columns[i]
}

// table reads the table of an extension. One that is not there breaks the given rule, if it has a name;
// one without the required columns is of no use.
func (x *aicc) table(ext string, missing rule, required ...string) (table, bool) {
	name := x.beside(ext)
	if name == "" {
		if missing.name != "" {
			x.report(missing, 0, "There is no %s file beside the course file.", ext)
		}
		return table{source: x.source}, false
	}
	t := table{source: source{findings: x.findings, file: name}}
	data, ok := x.read(name)
	if !ok {
		return t, false
	}
	r := csv.NewReader(bytes.NewReader(decodeText(data)))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, true
	for {
		values, err := r.Read()
		if err != nil { // the end: with lazy quotes and lines of any length nothing is malformed
			break
		}
		line, _ := r.FieldPos(0)
		if t.columns == nil {
			for _, v := range values {
				t.columns = append(t.columns, key(v))
			}
			continue
		}
		t.records = append(t.records, record{t.columns, values, line})
	}
	for _, column := range required {
		if !slices.Contains(t.columns, column) {
			t.report(aiccColumn, 1, "The first line names no column %q, but %s.", column, list(t.columns))
			ok = false
		}
	}
	return t, ok
}

// decodeText makes UTF-8 of what tools on Windows wrote. AICC says only ASCII.
func decodeText(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	if utf8.Valid(data) {
		return data
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil { // never: every byte is a character of Windows-1252
		return nil
	}
	return text
}

// parseINI reads a course file: values by "section/key" in lower case, and the free text of [Course_Description].
func parseINI(text []byte) (values map[string]string, description string) {
	values = map[string]string{}
	section := ""
	var free strings.Builder
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			section = key(line[1 : len(line)-1])
		case section == "course_description":
			free.WriteString(line + "\n")
		case line != "" && !strings.HasPrefix(line, ";"):
			if name, value, ok := strings.Cut(line, "="); ok {
				values[section+"/"+key(name)] = strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
	}
	return values, strings.TrimSpace(free.String())
}
