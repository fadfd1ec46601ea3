package host

import (
	"bytes"
	"context"
	"encoding/json"
)

// Report is how the instance and its parts are, for the health path. It holds no details: those are in the log.
type Report struct {
	Status string // StateStarting, …
	Parts  []PartReport
}

// PartReport is how one part is.
type PartReport struct{ Name, Is string }

// Report asks every part (or shares the answers of a moment ago) and tells how things are. It takes no longer than the
// timeout of a part.
func (h *Health) Report(ctx context.Context) Report {
	h.ask(ctx)
	r := Report{Status: h.state()}
	for _, p := range h.parts {
		r.Parts = append(r.Parts, PartReport{p.Name, p.is()})
	}
	return r
}

// WantsTraffic says whether the state in the report is one in which the instance should get requests.
func (r Report) WantsTraffic() bool { return r.Status == StateOK || r.Status == StateDegraded }

// MarshalJSON writes one flat object: "status" first, then the parts in their order.
func (r Report) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{"status":`)
	write := func(s string) error {
		text, err := json.Marshal(s)
		b.Write(text)
		return err
	}
	if err := write(r.Status); err != nil {
		return nil, err
	}
	for _, p := range r.Parts {
		b.WriteByte(',')
		if err := write(p.Name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := write(p.Is); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
