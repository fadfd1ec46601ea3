package learner

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
)

const manifest = `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="load" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="o"><organization identifier="o"><title>Load</title><item identifier="i" identifierref="r"><title>Load</title></item></organization></organizations>
  <resources><resource identifier="r" type="webcontent" adlcp:scormtype="sco" href="index.html"><file href="index.html"/></resource></resources>
</manifest>`

// WritePackage writes a SCORM 1.2 package of one SCO, and what more adds.
func WritePackage(w io.Writer, more func(add func(name string, content io.Reader) error) error) error {
	z := zip.NewWriter(w)
	add := func(name string, content io.Reader) error {
		entry, err := z.Create(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		_, err = io.Copy(entry, content)
		return err
	}
	if err := add("imsmanifest.xml", bytes.NewReader([]byte(manifest))); err != nil {
		return err
	}
	if err := add("index.html", bytes.NewReader([]byte("<!doctype html><title>Load</title>"))); err != nil {
		return err
	}
	if more != nil {
		if err := more(add); err != nil {
			return err
		}
	}
	return z.Close()
}

// Package is the smallest such package.
func Package() ([]byte, error) {
	var b bytes.Buffer
	err := WritePackage(&b, nil)
	return b.Bytes(), err
}
