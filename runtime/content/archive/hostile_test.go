package archive_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/archive"
)

func crc(text string) []byte {
	return binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text)))
}

// raw is an entry whose header says what it likes of its bytes.
type raw struct {
	name             string
	method, flags    uint16
	packed, unpacked uint64 // as stated
	crc              uint32
	data             []byte
}

func writeRaw(t testing.TB, list ...raw) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, r := range list {
		f, err := w.CreateRaw(&zip.FileHeader{Name: r.name, Method: r.method, Flags: r.flags, CompressedSize64: r.packed, UncompressedSize64: r.unpacked, CRC32: r.crc})
		require.NoError(t, err)
		_, err = f.Write(r.data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// deflated is n zero bytes, packed.
func deflated(t testing.TB, n int64) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	require.NoError(t, err)
	_, err = io.CopyN(w, zeros{}, n)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestBombs(t *testing.T) {
	bomb := deflated(t, 64<<20)
	l := archive.DefaultLimits()
	_, findings := open(t, writeRaw(t, raw{name: "zeros.bin", method: zip.Deflate, packed: uint64(len(bomb)), unpacked: 64 << 20, data: bomb}), l)
	require.Equal(t, []string{"archive.ratio"}, rules(findings), "by ratio")

	small := deflated(t, 9<<20) // each below the size from which the ratio counts
	var many []raw
	for i := range 20 {
		many = append(many, raw{name: fmt.Sprintf("%d.bin", i), method: zip.Deflate, packed: uint64(len(small)), unpacked: 9 << 20, data: small})
	}
	_, findings = open(t, writeRaw(t, many...), l)
	require.Equal(t, []string{"archive.ratio"}, rules(findings), "by the ratio of the whole")

	l.Total = 100 << 20
	l.Ratio = 100_000
	_, findings = open(t, writeRaw(t, many...), l)
	require.Equal(t, []string{"archive.too-large"}, rules(findings), "by size")

	var pairs []string
	for i := range 101 {
		pairs = append(pairs, fmt.Sprintf("%d.txt", i), "x")
	}
	l.Entries = 100
	_, findings = open(t, pack(t, pairs...), l)
	require.Equal(t, []string{"archive.too-many-entries"}, rules(findings), "by number")
	l.Entries = 101
	_, findings = open(t, pack(t, pairs...), l)
	require.Empty(t, findings)
}

// TestADirectoryThatDoesNotFitIntoMemory: the number of entries at the end of an archive is stated modulo 65,536, so only
// reading the directory tells how many there are.
func TestADirectoryThatDoesNotFitIntoMemory(t *testing.T) {
	var b bytes.Buffer
	record := make([]byte, 46)
	binary.LittleEndian.PutUint32(record, 0x02014b50)
	const entries = 1 << 20
	for range entries {
		b.Write(record)
	}
	end := make([]byte, 22) // states 0 entries
	binary.LittleEndian.PutUint32(end, 0x06054b50)
	binary.LittleEndian.PutUint32(end[12:], uint32(b.Len()))
	b.Write(end)
	l := archive.DefaultLimits()
	l.Entries = 1000
	var findings []content.Finding
	r := testing.Benchmark(func(tb *testing.B) { _, findings = open(tb, b.Bytes(), l) })
	require.Equal(t, []string{"archive.too-many-entries"}, rules(findings))
	require.Less(t, r.AllocedBytesPerOp(), int64(32<<20))
}

func TestOverlappingEntries(t *testing.T) {
	one := pack(t, "a.bin", strings.Repeat("abc", 1000))
	// The directory's record once more, under another name, for the same bytes.
	at := bytes.Index(one, []byte("PK\x01\x02"))
	record := bytes.Clone(one[at : at+46+5])
	copy(record[46:], "b.bin")
	end := bytes.Clone(one[at+46+5:])
	binary.LittleEndian.PutUint16(end[8:], 2)
	binary.LittleEndian.PutUint16(end[10:], 2)
	binary.LittleEndian.PutUint32(end[12:], 2*(46+5))
	data := append(append(bytes.Clone(one[:at+46+5]), record...), end...)
	_, findings := open(t, data, archive.DefaultLimits())
	require.Equal(t, []string{"archive.overlapping-entries"}, rules(findings))
}

func TestWhatAnEntrySaysOfItself(t *testing.T) {
	text := []byte("the bytes that are there")
	n := uint64(len(text))
	sum := crc32.ChecksumIEEE(text)
	zip64 := uint64(5e9) // does not fit into the 32 bits of the plain header
	for name, c := range map[string]struct {
		entry raw
		rule  string // of opening; "" is found by reading
	}{
		"less than there is":          {raw{unpacked: 3, packed: n, crc: sum}, ""},
		"less than there is, by half": {raw{unpacked: n / 2, packed: n, crc: sum}, ""},
		"more than there is":          {raw{unpacked: n + 1, packed: n, crc: sum}, ""},
		"nothing":                     {raw{unpacked: 0, packed: n, crc: sum}, ""},
		"another checksum":            {raw{unpacked: n, packed: n, crc: 7}, ""},
		"a checksum of zero":          {raw{unpacked: n, packed: n, crc: 0}, ""},
		"packed and is not":           {raw{method: zip.Deflate, unpacked: n, packed: n, crc: sum}, ""},
		"a zip64 size packed":         {raw{unpacked: n, packed: zip64, crc: sum}, "archive.too-large"},
		"a zip64 size unpacked":       {raw{unpacked: 6e9, packed: n, crc: sum}, "archive.too-large"},
		"a size beyond 2^63":          {raw{unpacked: 1<<64 - 2, packed: 1<<64 - 2, crc: sum}, "archive.too-large"},
		"an unpacked ratio":           {raw{unpacked: zip64, packed: n, crc: sum}, "archive.ratio"},
		"packed more than follows":    {raw{unpacked: n, packed: n + 100, crc: sum}, "archive.damaged"},
		"encrypted":                   {raw{flags: 1, unpacked: n, packed: n, crc: sum}, "archive.encrypted"},
		"a method of its own":         {raw{method: 14, unpacked: n, packed: n, crc: sum}, "archive.unsupported-method"},
	} {
		t.Run(name, func(t *testing.T) {
			c.entry.name, c.entry.data = "x.html", text
			a, findings := open(t, writeRaw(t, c.entry), archive.DefaultLimits())
			if c.rule != "" {
				require.Equal(t, []string{c.rule}, rules(findings))
				return
			}
			require.Empty(t, findings)
			got, err := fs.ReadFile(a, "x.html")
			var damage *archive.Damage
			require.ErrorAs(t, err, &damage)
			require.LessOrEqual(t, uint64(len(got)), max(c.entry.unpacked, n), "what is read never exceeds what was stated")
			require.Equal(t, "archive.damaged", damage.Finding().Rule)
			require.Equal(t, "x.html", damage.Finding().File)
		})
	}
}

func TestADirectoryThatPointsOutside(t *testing.T) {
	data := pack(t, "a.bin", "abc")
	at := bytes.Index(data, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(data[at+42:], 0x7fffffff)
	_, findings := open(t, data, archive.DefaultLimits())
	require.Equal(t, []string{"archive.damaged"}, rules(findings))
}
