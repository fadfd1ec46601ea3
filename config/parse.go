package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxDepth is how deep a client file may nest; the deepest key has 4 levels.
const maxDepth = 12

// parse turns bytes into the mapping of the one document they hold.
func parse(path string, data []byte) (*yaml.Node, Problems) {
	one := func(line int, found, fix string) Problems {
		return Problems{{File: path, Line: line, Found: found, Fix: fix}}
	}
	if line, r := notText(data); line > 0 {
		if r == utf8.RuneError {
			return nil, one(line, "the file is not UTF-8 text", "save it in the encoding UTF-8")
		}
		return nil, one(line, fmt.Sprintf("there is the control character %U", r), "remove it")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	document, err := next(decoder)
	switch {
	case errors.Is(err, io.EOF):
		return nil, one(1, "the file is empty", "`lectern client new NAME` writes a complete one")
	case err != nil:
		return nil, syntaxProblems(path, data, err)
	}
	second, err := next(decoder)
	switch {
	case err == nil:
		return nil, one(second.Line, "a second document begins", `a client file is one document; remove the line "---"`)
	case !errors.Is(err, io.EOF):
		return nil, syntaxProblems(path, data, err)
	}
	root := document.Content[0]
	switch {
	case root.Kind == yaml.ScalarNode && root.Tag == "!!null":
		return nil, one(1, "the file is empty", "`lectern client new NAME` writes a complete one")
	case root.Kind != yaml.MappingNode:
		return nil, one(root.Line, "the file is "+kindOf(root)+" where keys with values belong", `begin with "name: …"`)
	}
	return root, nil
}

// next is the next document. The parser is not ours: whatever it panics with
// is a file it cannot read.
func next(decoder *yaml.Decoder) (document *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	document = &yaml.Node{}
	if err := decoder.Decode(document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 {
		return nil, io.EOF
	}
	return document, nil
}

var (
	yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	// countedFromZero are the errors of the parser's grammar, whose lines yaml.v3 counts
	// from 0, other than those of its scanner.
	countedFromZero = regexp.MustCompile(`^did not find expected (<stream-start>|<document start>|node content|key|'-' indicator|',' or '[]}]')$`)
)

// syntaxProblems explains why the parser refused. Tabs are by far the most
// usual cause and the parser's sentence for them says nothing to most people.
func syntaxProblems(path string, data []byte, err error) Problems {
	if lines := tabIndented(data); len(lines) > 0 {
		found := "the line is indented with a tab"
		if more := len(lines) - 1; more > 0 {
			found += fmt.Sprintf(" (and %d more are)", more)
		}
		return Problems{{File: path, Line: lines[0], Found: found, Fix: "indent with spaces, two for each level"}}
	}
	line, found := 1, err.Error()
	if m := yamlError.FindStringSubmatch(strings.ReplaceAll(found, "\n", " ")); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
		found = m[2]
		if countedFromZero.MatchString(found) {
			line++
		}
	}
	return Problems{{File: path, Line: line, Found: "this is not YAML: " + found, Fix: "look at this line and the one above for indentation, colons and quotes"}}
}

// tabIndented are the numbers of the lines with a tab in their indentation.
func tabIndented(data []byte) []int {
	var lines []int
	for i, line := range bytes.Split(data, []byte("\n")) {
		text := bytes.TrimLeft(line, " \t")
		indentation := line[:len(line)-len(text)]
		if len(bytes.TrimSpace(text)) > 0 && text[0] != '#' && bytes.ContainsRune(indentation, '\t') {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// notText is the line and the rune of the first thing that YAML does not take:
// a byte that is not UTF-8 (utf8.RuneError) or a control character. 0 without one.
// https://yaml.org/spec/1.2.2/#51-character-set
func notText(data []byte) (int, rune) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1:
			return line, r
		case r == '\n':
			line++
		case r != '\t' && r != '\r' && r != 0x85 && unicode.IsControl(r), r == 0xfeff, r == 0xfffe, r == 0xffff:
			return line, r
		}
		data = data[size:]
	}
	return 0, 0
}

// index is the line of each key and list item by path. It refuses what is
// never wanted in a client file, wherever it stands.
func index(file string, root *yaml.Node) (map[string]int, Problems) {
	lines := map[string]int{}
	aliases := map[string]bool{} // those told of
	var problems Problems
	refuse := func(n *yaml.Node, path, found, fix string) {
		problems = append(problems, Problem{File: file, Line: n.Line, Path: path, Found: found, Fix: fix})
	}
	var walk func(n *yaml.Node, path string, depth int)
	walk = func(n *yaml.Node, path string, depth int) {
		switch {
		case depth > maxDepth:
			refuse(n, path, "nested deeper than any key of a client file", "look at the indentation")
			return
		case n.Kind == yaml.AliasNode:
			if !aliases[n.Value] {
				refuse(n, path, fmt.Sprintf("the alias *%s stands for a value elsewhere", n.Value), "write the value here")
			}
			aliases[n.Value] = true
			return
		case n.Anchor != "":
			refuse(n, path, fmt.Sprintf("the anchor &%s names a value for use elsewhere", n.Anchor), "remove the anchor; a client file says everything where it belongs")
		case n.Style&yaml.TaggedStyle != 0:
			refuse(n, path, fmt.Sprintf("the tag %s changes the type of a value", n.Tag), "remove the tag")
		}
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				key, child := n.Content[i], join(path, n.Content[i].Value)
				if _, ok := lines[child]; !ok {
					lines[child] = key.Line
				}
				if key.Kind != yaml.MappingNode && key.Kind != yaml.SequenceNode { // which Decode refuses
					walk(key, child, depth)
				}
				walk(n.Content[i+1], child, depth+1)
			}
		case yaml.SequenceNode:
			for i, item := range n.Content {
				child := fmt.Sprintf("%s[%d]", path, i)
				lines[child] = item.Line
				walk(item, child, depth+1)
			}
		}
	}
	walk(root, "", 0)
	return lines, problems
}

// join is the path of a key in the mapping at path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// kindOf is a node in words.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a group of keys"
	case yaml.SequenceNode:
		return "a list"
	default:
		return "one value"
	}
}
