package cmi

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var timeintervalFormat = regexp.MustCompile(`^P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// seconds of each group of timeintervalFormat. Year and month are the mean of the Gregorian calendar: a duration in them has
// no exact length.
var timeintervalUnits = []struct {
	group   int
	seconds float64
}{{1, 31_556_952}, {2, 2_629_746}, {3, 604_800}, {4, 86_400}, {6, 3_600}, {7, 60}, {8, 1}}

// timeinterval is timeinterval(second,10,2) (SCORM 2004 RTE 4.1.1.5): a duration of ISO 8601 like PT1H30M.
func timeinterval(value string) string {
	if _, ok := parseTimeinterval(value); !ok {
		return fmt.Sprintf("%s is not a duration like PT1H30M5.25S", shown(value))
	}
	return ""
}

// parseTimeinterval is in seconds.
func parseTimeinterval(value string) (float64, bool) {
	if len(value) > 128 || value == "P" || strings.HasSuffix(value, "T") {
		return 0, false
	}
	m := timeintervalFormat.FindStringSubmatch(value)
	if m == nil {
		return 0, false
	}
	total := 0.0
	for _, unit := range timeintervalUnits {
		if m[unit.group] == "" {
			continue
		}
		n, err := strconv.ParseFloat(m[unit.group], 64)
		if err != nil {
			return 0, false
		}
		total += n * unit.seconds
	}
	const longest = 1e12 // seconds; no learner needs them, and more are lost in a float64
	return total, total <= longest
}

var timestampFormat = regexp.MustCompile(`^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3])(:[0-5]\d(:[0-5]\d(\.\d{1,6})?)?)?(Z|[+-]([01]\d|2[0-3])(:[0-5]\d)?)?)?)?)?$`)

// timestamp is time(second,10,0) (SCORM 2004 RTE 4.1.1.5): as much of YYYY-MM-DDThh:mm:ss.ss±hh:mm as is known.
func timestamp(value string) string {
	if !timestampFormat.MatchString(value) {
		return fmt.Sprintf("%s is not a time like 2004-04-01T09:45:58.55-03:00", shown(value))
	}
	return ""
}
