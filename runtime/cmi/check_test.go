package cmi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cmi"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
)

type valueCase struct {
	section  string // where the standard defines the element
	element  string
	accepted []string
	refused  []string
}

var values12 = []valueCase{
	{"RTE 3.4.4 cmi.core.lesson_status", "cmi.core.lesson_status", []string{"passed", "completed", "failed", "incomplete", "browsed", "not attempted", ""}, []string{"pass", "Passed", "unknown", "passed "}},
	{"RTE 3.4.4 cmi.core.exit", "cmi.core.exit", []string{"time-out", "suspend", "logout", ""}, []string{"normal", "timeout"}},
	{"RTE 3.4.4 cmi.core.entry", "cmi.core.entry", []string{"ab-initio", "resume", ""}, []string{"abinitio"}},
	{"RTE 3.4.4 cmi.core.credit", "cmi.core.credit", []string{"credit", "no-credit"}, []string{"no credit"}},
	{"RTE 3.4.4 cmi.core.lesson_mode", "cmi.core.lesson_mode", []string{"browse", "normal", "review"}, []string{"preview"}},
	{"RTE 3.4.4 cmi.core.score.raw", "cmi.core.score.raw", []string{"0", "100", "66.6667", "", ".5", "5.", "."}, []string{"-1", "101", "1e2", "NaN", "Inf", "80%", "0x10", "1_0"}},
	{"RTE 3.4.1 CMITimespan", "cmi.core.session_time", []string{"00:00:00", "0001:30:00.25", "9999:99:99.99", "100000:00:00"}, []string{"1:30", "PT1H", "00:00:-1", "::"}},
	{"RTE 3.4.1 CMITime", "cmi.interactions.0.time", []string{"10:00:00", "23:59:59.9"}, []string{"25:00:00", "10:00", "10:60:00"}},
	{"RTE 3.4.4 cmi.interactions.n.type", "cmi.interactions.0.type", []string{"choice", "true-false", "likert", "numeric"}, []string{"long-fill-in", "other", "Choice"}},
	{"RTE 3.4.4 cmi.interactions.n.result", "cmi.interactions.0.result", []string{"correct", "wrong", "unanticipated", "neutral", "0.5", "-3"}, []string{"incorrect", "right"}},
	{"RTE 3.4.4 cmi.student_preference.audio", "cmi.student_preference.audio", []string{"-1", "0", "100"}, []string{"-2", "101", "1.5"}},
	{"RTE 3.4.4 cmi.student_preference.text", "cmi.student_preference.text", []string{"-1", "0", "1"}, []string{"2"}},
	{"RTE 3.4.4 cmi.student_data: the author's", "cmi.student_data.max_time_allowed", []string{"0001:30:00", "90 minutes"}, nil},
	{"RTE 3.4.3 keywords", "cmi.objectives._count", []string{"0", "12"}, []string{"-1", "many"}},
	{"RTE 3.4.3 keywords", "cmi.core._children", []string{"student_id,student_name"}, nil},
	{"RTE 3.4.4 cmi.interactions.n.id", "cmi.interactions.0.id", []string{"q1", "Frage 1 (Ä)", "urn:x:1"}, []string{"a\x00b", "a\xffb"}},
}

var values2004 = []valueCase{
	{"RTE 4.2.4", "cmi.completion_status", []string{"completed", "incomplete", "not attempted", "unknown", ""}, []string{"passed", "complete"}},
	{"RTE 4.2.22", "cmi.success_status", []string{"passed", "failed", "unknown"}, []string{"completed"}},
	{"RTE 4.2.8", "cmi.exit", []string{"time-out", "suspend", "logout", "normal", ""}, []string{"exit"}},
	{"RTE 4.2.20", "cmi.score.scaled", []string{"-1", "1", "0.3333333", "1.0"}, []string{"1.01", "-1.5", "80", "1e0"}},
	{"RTE 4.2.20", "cmi.score.raw", []string{"-20", "1000000", "0.5"}, []string{"eighty"}},
	{"RTE 4.2.18", "cmi.progress_measure", []string{"0", "0.5", "1"}, []string{"-0.1", "1.1"}},
	{"RTE 4.1.1.5 timeinterval", "cmi.session_time", []string{"PT0S", "P1Y2M3DT4H5M6.78S", "PT1.5S", "P2W", "PT90M"}, []string{"P", "PT", "P1DT", "1H", "00:10:00", "PT-1S", "P1H"}},
	{"RTE 4.1.1.5 time", "cmi.interactions.0.timestamp", []string{"2004", "2004-04", "2004-04-01", "2004-04-01T15", "2004-04-01T09:45", "2004-04-01T09:45:58.55-03:00", "2026-11-21T12:00:00.000Z", "2004-04-01T09:45:58.55+02"}, []string{"yesterday", "2004-13", "2004-04-32", "2004-04-01T25", "04/01/2004"}},
	{"RTE 4.2.9", "cmi.interactions.0.type", []string{"long-fill-in", "other", "sequencing"}, []string{"essay"}},
	{"RTE 4.2.9", "cmi.interactions.0.result", []string{"incorrect", "neutral", "-0.35"}, []string{"wrong"}},
	{"RTE 4.1.1.5 language", "cmi.learner_preference.language", []string{"en", "en-GB", "i-navajo", "x-klingon-1", "zh-Hans-CN"}, []string{"en_GB", "not a language", "toolonglanguage", "-"}},
	{"RTE 4.1.1.5 localized string", "cmi.comments_from_learner.0.comment", []string{"plain", "{lang=fr}bonjour", "{lang=}x", "{curly} but no language", "{lang=e n}x"}, nil},
	{"RTE 4.2.13", "cmi.learner_preference.audio_captioning", []string{"-1", "0", "1"}, []string{"2"}},
	{"RTE 4.2.13", "cmi.learner_preference.delivery_speed", []string{"0", "1.5"}, []string{"-1"}},
	{"RTE 4.2.17", "cmi.objectives.0.progress_measure", []string{"0.25"}, []string{"2"}},
	{"RTE 4.3", "adl.data.0.store", []string{"anything at all"}, nil},
	{"SN 5.6.4", "adl.nav.request", []string{"continue", "exitAll", "_none_", "{target=activity_1}choice", "{target=a.b}jump"}, []string{"next", "choice", "{target=}choice", "{target=a}continue"}},
	{"SN 5.6.3", "adl.nav.request_valid.choice.{target=a.1.b}", []string{"true", "false", "unknown"}, []string{"yes"}},
}

func TestValuesAreThoseOfTheStandard(t *testing.T) {
	for standard, cases := range map[content.Standard][]valueCase{content.SCORM12: values12, content.SCORM2004: values2004} {
		for _, c := range cases {
			for _, v := range c.accepted {
				require.Empty(t, cmi.Check(standard, map[string]string{c.element: v}, cmi.Limits{}), "%s %s: %s = %q", standard, c.section, c.element, v)
			}
			for _, v := range c.refused {
				got := cmi.Check(standard, map[string]string{c.element: v}, cmi.Limits{})
				require.Len(t, got, 1, "%s %s: %s = %q", standard, c.section, c.element, v)
				require.Equal(t, fmt.Sprintf("body.cmi[%q]", c.element), got[0].Path)
			}
		}
	}
}

func TestUnknownElementsAreRefused(t *testing.T) {
	unknown := map[content.Standard][]string{
		content.SCORM12:   {"", "cmi", "cmi.core", "cmi.core.score.scaled", "cmi.completion_status", "cmi.objectives.0.success_status", "cmi.objectives.x.id", "cmi.objectives.-1.id", "cmi.objectives.01.id", "cmi.objectives.10000.id", "cmi.suspend_data._count", "cmi.suspend_data._children", "adl.nav.request"},
		content.SCORM2004: {"cmi.core.lesson_status", "cmi.interactions.0", "cmi.interactions.0.student_response", "adl.data.store", "cmi.comments_from_lms", "cmi.objectives.0.score._count", "adl.nav.request_valid.retry.{target=x}"},
	}
	for standard, names := range unknown {
		for _, name := range names {
			got := cmi.Check(standard, map[string]string{name: ""}, cmi.Limits{})
			require.Len(t, got, 1, "%s %s", standard, name)
			require.Equal(t, "is not an element of the data model", got[0].Message)
		}
	}
}

func TestEverythingWrongIsToldAtOnceInOrder(t *testing.T) {
	got := cmi.Check(content.SCORM12, map[string]string{
		"cmi.core.lesson_status": "done",
		"cmi.core.score.raw":     "120",
		"cmi.interactions.0.id":  "q1",
		"cmi.interactions.2.id":  "q3",
		"cmi.core.exit":          "",
		"cmi.colour":             "red",
	}, cmi.Limits{})
	require.Equal(t, []fault.Field{
		{Path: `body.cmi["cmi.colour"]`, Message: "is not an element of the data model"},
		{Path: `body.cmi["cmi.core.lesson_status"]`, Message: `"done" is not one of passed, completed, failed, incomplete, browsed, not attempted`},
		{Path: `body.cmi["cmi.core.score.raw"]`, Message: `"120" is not between 0 and 100`},
		{Path: `body.cmi["cmi.interactions"]`, Message: "has records beyond 1, but not that one; number them 0, 1, 2, … without a gap"},
	}, got)
}

func TestGapsBelowARecordAreFound(t *testing.T) {
	got := cmi.Check(content.SCORM2004, map[string]string{
		"cmi.interactions.0.id":              "q1",
		"cmi.interactions.0.objectives.1.id": "o2",
	}, cmi.Limits{})
	require.Len(t, got, 1)
	require.Equal(t, `body.cmi["cmi.interactions.0.objectives"]`, got[0].Path)
}

// SCORM 1.2 RTE 3.4.4 and SCORM 2004 RTE 4.2.23 are what a course that says nothing gets.
func TestSuspendDataHasTheLimitOfTheCourse(t *testing.T) {
	for _, c := range []struct {
		standard content.Standard
		limit    int
		allowed  int
	}{{content.SCORM12, 0, 4_096}, {content.SCORM2004, 0, 64_000}, {content.SCORM12, 100_000, 100_000}, {content.SCORM2004, 10, 10}} {
		at := func(n int) []fault.Field {
			return cmi.Check(c.standard, map[string]string{"cmi.suspend_data": strings.Repeat("é", n)}, cmi.Limits{SuspendData: c.limit})
		}
		require.Empty(t, at(c.allowed))
		require.Len(t, at(c.allowed+1), 1)
		require.Contains(t, at(c.allowed + 1)[0].Message, "suspendDataLimit")
	}
}

// SCORM 2004 RTE 4.1.1.6: the standard's lengths are smallest permitted maximums.
func TestTextsMayExceedTheStandardButNotWithoutBounds(t *testing.T) {
	location := func(n int) []fault.Field {
		return cmi.Check(content.SCORM12, map[string]string{"cmi.core.lesson_location": strings.Repeat("x", n)}, cmi.Limits{})
	}
	require.Empty(t, location(2_000))
	require.Len(t, location(20_000), 1)
}

func TestMessagesAreShortWhateverWasSent(t *testing.T) {
	got := cmi.Check(content.SCORM12, map[string]string{strings.Repeat("a", 1<<20): "x", "cmi.core.exit": strings.Repeat("y", 1<<20)}, cmi.Limits{})
	require.Len(t, got, 2)
	for _, f := range got {
		require.Less(t, len(f.Path)+len(f.Message), 400)
	}
	many := map[string]string{}
	for i := range 500 {
		many[fmt.Sprint("bogus.", i, "x")] = ""
	}
	got = cmi.Check(content.SCORM12, many, cmi.Limits{})
	require.Len(t, got, 101)
	require.Equal(t, fault.Field{Path: "body.cmi", Message: "and 400 more"}, got[100])
}

func TestAStateHasAHardSize(t *testing.T) {
	many := map[string]string{}
	for i := range 60_000 {
		many[fmt.Sprintf("cmi.interactions.%d.id", i)] = "q"
	}
	require.Len(t, cmi.Check(content.SCORM2004, many, cmi.Limits{}), 1)
	require.Len(t, cmi.Check(content.SCORM2004, map[string]string{"cmi.suspend_data": strings.Repeat("x", 9<<20)}, cmi.Limits{SuspendData: 100 << 20}), 1)
}

func TestOtherStandardsHaveNoDataModel(t *testing.T) {
	require.Len(t, cmi.Check(content.XAPI, map[string]string{}, cmi.Limits{}), 1)
}
