package manifest

import (
	"errors"

	"github.com/lectern/lectern/runtime/content"
)

// course is one package while it is read.
type course struct {
	source            // findings about the manifest
	pkg       Package // nil for a course structure that came alone
	files     *fileIndex
	folder    string
	options   Options
	structure content.Structure
	err       error // the first failure to read a file
}

// xml reads and parses the manifest; nil if that was not possible and reported.
func (c *course) xml() *element {
	data, ok := c.read(c.file)
	if !ok {
		return nil
	}
	return parseXML(data, c.source)
}

// read reads a file of the package, by its path in the archive.
func (c *course) read(name string) ([]byte, bool) {
	data, err := readFile(c.pkg, name)
	switch {
	case errors.Is(err, errTooLarge):
		c.add(tooLarge, name, 0, "The file is larger than %d MiB.", maxBytes>>20)
	case err != nil:
		c.err = errors.Join(c.err, err)
	default:
		return data, true
	}
	return nil, false
}

// launch resolves what an activity launches, and reports a file that is not there by a rule of the standard.
func (c *course) launch(missing rule, base, href string, line int) (reference, bool) {
	ref, ok := c.files.resolve(base, href, line, c.source)
	if ok && ref.missing {
		if c.options.AllowMissingFiles {
			missing.severity = warns
		}
		c.report(missing, line, "The file %q is not in the package.", ref.file)
	}
	return ref, ok
}
