package cmi

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// decimalNumber is wide: APIs in use take a lone point or sign for a number. Such a value says nothing (see parseReal), but is no reason to
// refuse all the rest.
var decimalNumber = regexp.MustCompile(`^[+-]?\d{0,18}(\.\d{0,40})?$`)

// real is realNumber(10,7) (SCORM 2004 RTE 4.1.1.5) and CMIDecimal (SCORM 1.2 RTE 3.4.1) between two numbers, both included.
func realNumber(lowest, highest float64) valueType {
	return func(value string) string {
		f, ok := parseReal(value)
		switch {
		case !decimalNumber.MatchString(value):
			return fmt.Sprintf("%s is not a decimal number like 0.75", shown(value))
		case ok && (f < lowest || f > highest):
			return fmt.Sprintf("%s is not %s", shown(value), interval(lowest, highest))
		}
		return ""
	}
}

// anyReal has no bounds but those of its digits.
var anyReal = realNumber(math.Inf(-1), math.Inf(1))

func interval(lowest, highest float64) string {
	if math.IsInf(highest, 1) {
		return fmt.Sprintf("%v or more", lowest)
	}
	return fmt.Sprintf("between %v and %v", lowest, highest)
}

// parseReal reads a decimal without exponent. false: it is none.
func parseReal(value string) (float64, bool) {
	if !decimalNumber.MatchString(value) {
		return 0, false
	}
	f, err := strconv.ParseFloat(value, 64)
	return f, err == nil
}

// integer is CMIInteger and CMISInteger (SCORM 1.2 RTE 3.4.1) between two numbers, both included.
func integer(lowest, highest int) valueType {
	return func(value string) string {
		if n, err := strconv.Atoi(value); err != nil || n < lowest || n > highest {
			return fmt.Sprintf("%s is not a whole number between %d and %d", shown(value), lowest, highest)
		}
		return ""
	}
}
