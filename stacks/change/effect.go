package change

import (
	"encoding/json"
	"fmt"
)

// Effect is what a change means to those who use the resource, from the least to the
// gravest.
type Effect int

// The effects. Unknown stands near the end because nobody has looked at it.
const (
	// None: it stays in service.
	None Effect = iota
	// Rolling: instances are replaced, new ones first.
	Rolling
	// Interruption: connections may break for moments.
	Interruption
	// Restart: it is away for as long as it takes to start again.
	Restart
	// Failover: a standby takes over; Finding.Seconds says how long that takes.
	Failover
	// Downtime: it is away, for minutes or longer.
	Downtime
	// Replacement: another one is made in its place, without what was in it.
	Replacement
	// LeftBehind: it leaves its stack and stays in the account; nobody manages it and it may bill.
	LeftBehind
	// Deleted: it is deleted.
	Deleted
	// Overwritten: what it holds is written over.
	Overwritten
	// Unknown: the specification does not know the type.
	Unknown
	// Refused: AWS refuses it and the deployment is rolled back.
	Refused
)

var effectNames = []string{
	"none", "rolling", "interruption", "restart", "failover", "downtime",
	"replacement", "left-behind", "deleted", "overwritten", "unknown", "refused",
}

// effectWords are the effects for people.
var effectWords = []string{
	"no interruption", "instances are replaced one after the other", "some interruption", "restart", "failover", "downtime",
	"replacement", "left behind", "deleted", "overwritten", "unknown", "refused by AWS",
}

// String is the name of the effect in JSON.
func (e Effect) String() string { return effectNames[e] }

// Words are the effect as people read it.
func (e Effect) Words() string { return effectWords[e] }

// MarshalJSON writes the name.
func (e Effect) MarshalJSON() ([]byte, error) { return json.Marshal(e.String()) }

// UnmarshalJSON reads the name.
func (e *Effect) UnmarshalJSON(data []byte) error {
	var name string
	if err := json.Unmarshal(data, &name); err != nil {
		return fmt.Errorf("reading an effect: %w", err)
	}
	for i, known := range effectNames {
		if name == known {
			*e = Effect(i)
			return nil
		}
	}
	return fmt.Errorf("reading an effect: there is none named %q", name)
}
