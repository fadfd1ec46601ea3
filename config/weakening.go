package config

// Weakening is a safety default that a client file switches off.
type Weakening struct {
	Path string
	// Found is the value in the file, Safe the value that needs no reason.
	Found, Safe string
	// Reason from the file; empty is a problem that Read reports.
	Reason string
}

// Weakenings are the weakened safety defaults of a client, by path.
func Weakenings(f File) []Weakening { return nil }
