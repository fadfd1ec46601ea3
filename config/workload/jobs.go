package workload

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/adhocore/gronx"

	"github.com/lectern/lectern/config"
)

// DefaultJobLimitSeconds is how long a job may take that states no limit.
const DefaultJobLimitSeconds = 3600

// Job is a command that one instance of the fleet runs at each time of its schedule.
type Job struct {
	// Name of the job, unique in the list: a-z, 0-9 and "-". Locks, records and metrics carry it: a renamed job is a new one.
	Name string `yaml:"name" json:"name"`
	// Schedule has five fields as in cron (minute, hour, day of month, month, day of week), or six with the second
	// first; in UTC.
	Schedule string `yaml:"schedule" json:"schedule"`
	// Command is a line for /bin/sh, run in the folder of the code with the environment of the workload.
	Command string `yaml:"command" json:"command"`
	// LimitSeconds is after how long the job is ended. Default: 3600.
	LimitSeconds int `yaml:"limitSeconds" json:"limitSeconds"`
}

// Limit is LimitSeconds or its default.
func (j Job) Limit() int {
	if j.LimitSeconds == 0 {
		return DefaultJobLimitSeconds
	}
	return j.LimitSeconds
}

// maxJobs keeps the schedules of a host readable, and its start quick.
const maxJobs = 100

// jobKeys are the bounds of workload.jobs, for every kind that has them.
func jobKeys() []config.Key {
	const job = "workload.jobs[]."
	return []config.Key{
		{Path: "workload.jobs", MaxItems: maxJobs},
		{Path: job + "name", Required: true, Example: "tidy-up", Pattern: regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`), Noun: `a name of a-z, 0-9 and "-", beginning with a letter`},
		{Path: job + "schedule", Required: true, Example: `"*/5 * * * *"`},
		{Path: job + "command", Required: true, Example: "php artisan schedule:run"},
		{Path: job + "limitSeconds", Unit: "seconds", Min: 1, Max: 24 * 3600},
	}
}

// jobProblems checks what jobs say beyond the bounds of each key.
func jobProblems(f config.File, jobs []Job) config.Problems {
	var problems config.Problems
	first := map[string]int{}
	for i, job := range jobs {
		path := fmt.Sprintf("workload.jobs[%d]", i)
		if j, ok := first[job.Name]; ok && job.Name != "" {
			problems = append(problems, f.Problem(path+".name", fmt.Sprintf("%q is also the name of job %d", job.Name, j+1), "every job has its own name"))
		} else {
			first[job.Name] = i
		}
		if found, fix := scheduleProblem(job.Schedule); found != "" {
			problems = append(problems, f.Problem(path+".schedule", found, fix))
		}
		if found, fix := lineProblem(job.Command); found != "" {
			problems = append(problems, f.Problem(path+".command", found, fix))
		}
	}
	return problems
}

// yearLike is how gronx tells a sixth field that is a year from one that makes the first the second.
var yearLike = regexp.MustCompile(`\d{4}`)

// scheduleProblem says what is wrong with a schedule; an empty found means nothing is.
func scheduleProblem(schedule string) (found, fix string) {
	const example = `write for example "*/5 * * * *" (every five minutes) or "30 2 * * *" (02:30 UTC)`
	fields := strings.Fields(schedule)
	switch n := len(fields); {
	case n == 0:
		return "", "" // a missing key is reported as such
	case n != 5 && n != 6:
		return fmt.Sprintf("%q has %d fields", schedule, n), "a schedule has five, or six with seconds first; " + example
	case n == 6 && yearLike.MatchString(fields[5]):
		return fmt.Sprintf("%q ends with a year", schedule), "a sixth field is the second and comes first; remove the year"
	case !gronx.IsValid(schedule):
		return fmt.Sprintf("%q is not a schedule", schedule), example
	}
	if !comes(schedule) {
		return fmt.Sprintf("%q never comes", schedule), "look at the day and the month, and where steps begin"
	}
	return "", ""
}

// comes says whether there is a time for each field of a valid schedule, and a day within eight years: there is a
// 29 February among them, wherever they begin. All are tried one after the other, as instances do it: gronx's own search
// for the next time finds none for some lists and steps that begin with a day that is not in the month (31 2/2), and it
// takes steps for valid that begin beyond the last minute (90/5).
func comes(schedule string) bool {
	segments, err := gronx.Segments(schedule)
	if err != nil || len(segments) != 6 {
		return false
	}
	start := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC) // fixed: what is valid today is valid tomorrow
	for _, part := range []struct {
		first, last int // segments
		step        time.Duration
		steps       int
	}{{0, 0, time.Second, 60}, {1, 1, time.Minute, 60}, {2, 2, time.Hour, 24}, {3, 5, 24 * time.Hour, 8*366 + 1}} {
		asked := []string{"*", "*", "*", "*", "*", "*"}
		copy(asked[part.first:], segments[part.first:part.last+1])
		if !dueWithin(asked, start, part.step, part.steps) {
			return false
		}
	}
	return true
}

// dueWithin says whether one of so many times is one of a schedule.
func dueWithin(segments []string, at time.Time, step time.Duration, steps int) bool {
	cron := gronx.New()
	for range steps {
		cron.C.SetRef(at)
		if due, err := cron.SegmentsDue(segments); due && err == nil {
			return true
		}
		at = at.Add(step)
	}
	return false
}

// lineProblem says what is wrong with a command: the shell gets one line, and a NUL would end it early.
func lineProblem(command string) (found, fix string) {
	if strings.ContainsAny(strings.TrimRight(command, "\n"), "\n\r\x00") {
		return "the command has several lines", "join them with &&, or put them into a script of the code"
	}
	return "", ""
}
