package archive

// Limits say what is too much. Sizes are in bytes.
type Limits struct {
	// Entries is how many files and folders an archive may list. Default 50,000: the largest courses seen have a few
	// thousand.
	Entries int
	// Total is how large all files together may be once they are unpacked. Default 5 GiB.
	Total int64
	// Ratio is how many times larger than its packed form a file, or the whole, may be once it is larger than RatioFrom.
	// Default 200 beyond 10 MiB. Deflate itself ends near 1,032; media that were packed well before hardly shrink.
	Ratio     int64
	RatioFrom int64
	// Name is how long a path may be, in bytes of UTF-8. Default 800: with the prefix it must fit into the 1,024 of an S3
	// key (Amazon S3 user guide, "Naming Amazon S3 objects").
	Name int
	// BareXML is how large a course structure may be that comes without an archive around it. Default 16 MiB.
	BareXML int64
}

// DefaultLimits are for packages that people upload.
func DefaultLimits() Limits {
	return Limits{Entries: 50_000, Total: 5 << 30, Ratio: 200, RatioFrom: 10 << 20, Name: 800, BareXML: 16 << 20}
}

// directory is how many bytes the central directory may have. A reader has to hold it in memory, so its size is bound
// before it is read: an entry of a course has about 150 bytes (46, the path, time stamps).
func (l Limits) directory() int64 { return int64(l.Entries)*256 + 1<<20 }
