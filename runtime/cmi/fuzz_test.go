package cmi_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/lectern/lectern/runtime/cmi"
	"github.com/lectern/lectern/runtime/content"
)

// FuzzCheck: no state makes Check or ResultOf panic, Check always says the same of it, and what passes Check has numbers in it that
// JSON can hold.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(`{"cmi.core.lesson_status":"passed","cmi.core.score.raw":"80","cmi.interactions.0.objectives.0.id":"o"}`), 4096)
	f.Add([]byte(`{"cmi.completion_status":"completed","cmi.score.scaled":"-0.5","cmi.session_time":"P1Y2M3DT4H5M6.7S"}`), 0)
	f.Add([]byte(`{"adl.nav.request_valid.choice.{target=a.b}":"true","cmi.objectives._count":"1","cmi.comments_from_learner.0.comment":"{lang=en}x"}`), -1)
	f.Add([]byte("{\"cmi..0.0\":\"\\u0000\",\"cmi.interactions.9999.id\":\"x\"}"), 1)
	f.Fuzz(func(t *testing.T, body []byte, limit int) {
		var state map[string]string
		if json.Unmarshal(body, &state) != nil {
			return
		}
		for _, s := range []content.Standard{content.SCORM12, content.SCORM2004} {
			first, second := cmi.Check(s, state, cmi.Limits{SuspendData: limit}), cmi.Check(s, state, cmi.Limits{SuspendData: limit})
			if len(first) != len(second) {
				t.Fatalf("checked twice: %v, then %v", first, second)
			}
			r := cmi.ResultOf(s, state)
			if math.IsNaN(r.TotalSeconds) || math.IsInf(r.TotalSeconds, 0) || r.TotalSeconds < 0 {
				t.Fatalf("total time %v", r.TotalSeconds)
			}
			if _, err := json.Marshal(r); err != nil {
				t.Fatal(err)
			}
		}
	})
}
