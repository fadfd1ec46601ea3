package cmi

import (
	"fmt"
	"regexp"
	"strconv"
)

var (
	timespanFormat  = regexp.MustCompile(`^(\d{1,10}):(\d{1,2}):(\d{1,2}(?:\.\d{1,6})?)$`)
	timeOfDayFormat = regexp.MustCompile(`^([01]?\d|2[0-4]):[0-5]?\d:[0-5]?\d(\.\d{1,6})?$`)
)

// timespan is CMITimespan (SCORM 1.2 RTE 3.4.1): HHHH:MM:SS.SS. Minutes and seconds up to 99 are accepted, as the standard
// does; hours of any number of digits.
func timespan(value string) string {
	if _, ok := parseTimespan(value); !ok {
		return fmt.Sprintf("%s is not a time span like 0001:30:00.00", shown(value))
	}
	return ""
}

// parseTimespan is in seconds.
func parseTimespan(value string) (float64, bool) {
	m := timespanFormat.FindStringSubmatch(value)
	if m == nil {
		return 0, false
	}
	hours, _ := strconv.ParseFloat(m[1], 64) // the format leaves nothing that could fail
	minutes, _ := strconv.ParseFloat(m[2], 64)
	seconds, _ := strconv.ParseFloat(m[3], 64)
	return hours*3600 + minutes*60 + seconds, true
}

// timeOfDay is CMITime (SCORM 1.2 RTE 3.4.1): HH:MM:SS.S.
func timeOfDay(value string) string {
	if !timeOfDayFormat.MatchString(value) {
		return fmt.Sprintf("%s is not a time of day like 14:30:00", shown(value))
	}
	return ""
}
