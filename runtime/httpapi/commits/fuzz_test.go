package commits

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/httpapi/strictjson"
)

// FuzzCommit: whatever a browser sends, a commit is refused as a fault that says where, or it is fit for the database.
func FuzzCommit(f *testing.F) {
	for _, seed := range []string{
		`{"sequence":1,"activity":"item_1","cmi":{"cmi.core.lesson_status":"passed","cmi.core.score.raw":"90","cmi.core.session_time":"00:10:00"}}`,
		`{"sequence":2,"activity":"item_1","cmi":{"cmi.interactions.0.id":"q","cmi.interactions.0.correct_responses.0.pattern":"a","cmi.suspend_data":"\u0000\ud800"},"final":true}`,
		`{"sequence":9007199254740993,"activity":"item_2","cmi":{"cmi.completion_status":"completed","cmi.score.scaled":"-0.5","cmi.session_time":"PT1H5M"},"course":{"result":{"completion":"completed","success":"passed","score":{"scaled":1},"progress":1,"totalSeconds":60},"state":{"a":[1]}}}`,
		`{"sequence":1,"activity":"item_1","cmi":{"cmi.objectives.1.id":"gap"},"course":{"state":null}}`,
		`{"sequence":-1,"activity":"","cmi":null}`, `[]`, `null`, `{"sequence":1e400}`, "{\"activity\":\"\xff\"}", strings.Repeat(`{"course":`, 50), `{}{}`, ``,
	} {
		f.Add([]byte(seed), false, true)
		f.Add([]byte(seed), true, false)
	}
	f.Fuzz(func(t *testing.T, text []byte, is2004, one bool) {
		course := Course{Standard: content.SCORM12, Activities: map[string]bool{"item_1": true, "item_2": true}}
		if is2004 {
			course.Standard = content.SCORM2004
		}
		if one {
			delete(course.Activities, "item_2")
		}
		if strictjson.Unfit(text) != "" {
			return
		}
		in, err := Decode(text)
		if err != nil {
			require.True(t, fault.Is(err, fault.Invalid), err)
			return
		}
		c, err := in.Check(&course)
		if err != nil {
			require.True(t, fault.Is(err, fault.Invalid), err)
			var wrong *fault.Error
			require.ErrorAs(t, err, &wrong)
			require.NotEmpty(t, wrong.Fields)
			for _, field := range wrong.Fields {
				require.True(t, strings.HasPrefix(field.Path, "body"), field.Path)
				require.NotEmpty(t, field.Message)
			}
			return
		}
		require.Positive(t, c.Sequence)
		require.True(t, course.Activities[c.ActivityID])
		require.True(t, c.State == nil || json.Valid(c.State))
		for _, result := range []any{c.Activity, c.Course, c.CMI} {
			stored, err := json.Marshal(result)
			require.NoError(t, err)
			require.True(t, utf8.Valid(stored))
		}
		for _, r := range []*float64{c.Activity.Progress, c.Course.Progress} {
			require.True(t, isWithin(r, 0, 1))
		}
		require.True(t, isWithin(&c.Course.TotalSeconds, 0, maxSeconds))
	})
}
