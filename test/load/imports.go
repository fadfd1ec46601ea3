package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/lectern/lectern/test/load/learner"
)

// measureImport times upload and import of a package against unzip of the same file to the same disk, in turns.
func measureImport(ctx context.Context, s *servers, o options) error {
	path, err := s.writePackage(o.importMB)
	if err != nil {
		return err
	}
	unzip, err := exec.LookPath("unzip")
	if err != nil {
		return fmt.Errorf("no unzip to compare with: %w", err)
	}
	var ours, theirs []time.Duration
	for range o.repeat {
		took, err := s.importPackage(ctx, path)
		if err != nil {
			return err
		}
		ours = append(ours, took)
		target := filepath.Join(s.dir, "unzipped")
		begin := time.Now()
		if text, err := exec.CommandContext(ctx, "sh", "-c", `"$0" -q -o "$1" -d "$2" && sync -f "$2"`, unzip, path, target).CombinedOutput(); err != nil {
			return fmt.Errorf("unzip: %w\n%s", err, text)
		}
		theirs = append(theirs, time.Since(begin))
		if err := os.RemoveAll(target); err != nil {
			return err
		}
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	us, them, mb := ours[len(ours)/2].Seconds(), theirs[len(theirs)/2].Seconds(), float64(o.importMB)
	fmt.Printf("\nImport of a package of %d MB, upload included: %.1f s, %.0f MB/s; unzip and sync of the same: %.1f s, %.0f MB/s; ratio %.2f\n",
		o.importMB, us, mb/us, them, mb/them, them/us)
	return nil
}

// measureMemory reads the engine's peak resident memory before and after a large import.
func measureMemory(ctx context.Context, s *servers, o options) error {
	path, err := s.writePackage(o.memoryMB)
	if err != nil {
		return err
	}
	before, err := peakMemory(s.engine.Process.Pid)
	if err != nil {
		return err
	}
	took, err := s.importPackage(ctx, path)
	if err != nil {
		return err
	}
	after, err := peakMemory(s.engine.Process.Pid)
	if err != nil {
		return err
	}
	fmt.Printf("\nImport of a package of %d MB: %.1f s; peak resident memory of the engine %d MB before, %d MB after\n", o.memoryMB, took.Seconds(), before, after)
	return nil
}

func (s *servers) importPackage(ctx context.Context, path string) (time.Duration, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	_, err = s.api.Import(ctx, filepath.Base(path), info.Size(), f)
	return time.Since(begin), err
}

// writePackage makes a package as courses are: most bytes in media that do not compress, many small files beside.
func (s *servers) writePackage(mb int) (string, error) {
	path := filepath.Join(s.dir, fmt.Sprintf("large-%d.zip", mb))
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	err = learner.WritePackage(f, func(add func(string, io.Reader) error) error {
		for i := range mb {
			for j := range 4 {
				if err := add(fmt.Sprintf("pages/%d-%d.html", i, j), io.LimitReader(&repeater{text: "<p>A page of text that compresses well.</p>\n"}, 8<<10)); err != nil {
					return err
				}
			}
			if err := add(fmt.Sprintf("media/%d.mp4", i), io.LimitReader(noise{rand.NewChaCha8([32]byte{byte(i), byte(i >> 8)})}, 1<<20-32<<10)); err != nil {
				return err
			}
		}
		return nil
	})
	return path, err
}

type repeater struct {
	text string
	at   int
}

func (r *repeater) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.text[r.at]
		r.at = (r.at + 1) % len(r.text)
	}
	return len(p), nil
}

type noise struct{ source *rand.ChaCha8 }

func (n noise) Read(p []byte) (int, error) { return n.source.Read(p) }

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory is in MB.
func peakMemory(pid int) (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("memory is measured on Linux only: %w", err)
	}
	found := highWater.FindSubmatch(text)
	if found == nil {
		return 0, fmt.Errorf("process %d shows no peak memory", pid)
	}
	kb, err := strconv.Atoi(string(found[1]))
	return kb / 1024, err
}
