package worker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/archive"
	"github.com/lectern/lectern/runtime/content/manifest"
)

// inspected is what a package says of itself.
type inspected struct {
	archive   *archive.Archive // nil: it could not even be opened
	report    content.Report
	structure content.Structure
	folder    string // where the course begins: "", or a path with a slash at its end
}

func (a *attempt) inspect(upload *os.File) (inspected, error) {
	info, err := upload.Stat()
	if err != nil {
		return inspected{}, fmt.Errorf("inspect the upload: %w", err)
	}
	a.progress.begin(stepInspect, 1, info.Size())
	opened, findings, err := archive.Open(upload, info.Size(), orElse(a.Limits, archive.DefaultLimits()))
	if err != nil {
		return inspected{}, fmt.Errorf("inspect the upload: %w", err)
	}
	if opened == nil {
		return inspected{report: content.Report{Findings: findings}}, nil
	}
	read, err := readManifest(opened, a.of)
	var damage *archive.Damage
	switch {
	case errors.As(err, &damage):
		read.Report.Findings = append(read.Report.Findings, damage.Finding())
	case err != nil:
		return inspected{}, fmt.Errorf("read the manifest: %w", err)
	}
	read.Report.Findings = append(findings, read.Report.Findings...)
	return inspected{archive: opened, report: read.Report, structure: read.Structure, folder: read.Folder}, nil
}

func readManifest(p *archive.Archive, of content.Import) (manifest.Result, error) {
	options := manifest.Options{AllowMissingFiles: of.Skeleton}
	if !p.Bare() {
		return manifest.Read(p, options)
	}
	data, err := fs.ReadFile(p, archive.BareName)
	if err != nil {
		return manifest.Result{}, err
	}
	return manifest.ReadFile(of.FileName, data, options), nil
}
