package jobs

import (
	"fmt"
	"strings"
	"time"

	"github.com/adhocore/gronx"
)

// Schedule is when a job is due: five cron fields, or six with seconds first; UTC. When day of month and weekday are both
// given, either will do, as in every cron.
//
// gronx says what the fields mean. What it says of the next time is wrong for dates that are years away, so that is
// found here: the days one after the other, and within a day from lists.
type Schedule struct {
	expression              string
	day                     []string // the fields, with every second of a day
	seconds, minutes, hours []int
}

// furthest is how far away a slot may be: 29 February, around a year 2100 that has none.
const furthest = 8*366 + 1

// ParseSchedule reads a schedule. One that is never due is refused.
func ParseSchedule(expression string) (Schedule, error) {
	fields := strings.Fields(expression)
	if len(fields) != 5 && len(fields) != 6 {
		return Schedule{}, fmt.Errorf("schedule %q has %d fields; use five (minute hour day month weekday) or six with seconds first", expression, len(fields))
	}
	s := Schedule{expression: strings.Join(fields, " ")}
	segments, err := gronx.Segments(s.expression)
	if err != nil || len(segments) != 6 || !gronx.IsValid(s.expression) { // seven: it took the last for a year
		return Schedule{}, fmt.Errorf("schedule %q is not a cron expression; use one such as */5 * * * *", expression)
	}
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	s.seconds = due(segments[0], 0, 60, start, time.Second)
	s.minutes = due(segments[1], 1, 60, start, time.Minute)
	s.hours = due(segments[2], 2, 24, start, time.Hour)
	s.day = append([]string{"*", "*", "*"}, segments[3:]...)
	if _, err := s.Next(start); err != nil {
		return Schedule{}, err
	}
	return s, nil
}

// due is which of the first n values a field allows.
func due(field string, position, n int, start time.Time, step time.Duration) []int {
	var values []int
	checker := &gronx.SegmentChecker{}
	for i := range n {
		checker.SetRef(start.Add(time.Duration(i) * step))
		if ok, err := checker.CheckDue(field, position); ok && err == nil || field == "*" || field == "?" {
			values = append(values, i)
		}
	}
	return values
}

// Next is the first slot at or after this time.
func (s Schedule) Next(from time.Time) (time.Time, error) {
	at := from.UTC().Truncate(time.Second)
	if at.Before(from) {
		at = at.Add(time.Second)
	}
	cron := gronx.New()
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	for range furthest {
		cron.C.SetRef(day)
		if ok, err := cron.SegmentsDue(s.day); ok && err == nil {
			if slot, ok := s.within(day, at); ok {
				return slot, nil
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}, fmt.Errorf("schedule %q is never due after %s", s.expression, at.Format(time.RFC3339))
}

// within is the first slot of a day at or after a time.
func (s Schedule) within(day, at time.Time) (time.Time, bool) {
	for _, h := range s.hours {
		hour := day.Add(time.Duration(h) * time.Hour)
		if !at.Before(hour.Add(time.Hour)) {
			continue
		}
		for _, m := range s.minutes {
			minute := hour.Add(time.Duration(m) * time.Minute)
			if !at.Before(minute.Add(time.Minute)) {
				continue
			}
			for _, second := range s.seconds {
				if slot := minute.Add(time.Duration(second) * time.Second); !slot.Before(at) {
					return slot, true
				}
			}
		}
	}
	return time.Time{}, false
}

func (s Schedule) String() string { return s.expression }
