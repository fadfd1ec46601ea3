package learner

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

// Learner has a launch open and commits to it, as the player does.
type Learner struct {
	Base string
	HTTP *http.Client

	session  string
	activity string
	sequence int64
}

// Open redeems a launch link. The course has one activity at least; its first is the one that is played.
func Open(ctx context.Context, c *http.Client, base, link string) (*Learner, error) {
	s, err := Redeem(ctx, c, base, link)
	if err != nil {
		return nil, err
	}
	return &Learner{Base: base, HTTP: c, session: s.Session, activity: s.Structure.Root.firstLeaf()}, nil
}

// Session is what the player is given.
type Session struct {
	Host        string `json:"-"` // the player's, which content is to be asked for at
	Session     string
	ContentBase string
	Structure   struct{ Root activity }
}

// Redeem opens a launch link at base, whatever the name in the link leads to: a browser resolves names below localhost itself.
func Redeem(ctx context.Context, c *http.Client, base, link string) (s Session, err error) {
	u, err := url.Parse(link)
	if err != nil {
		return s, err
	}
	s.Host = u.Host
	err = call(ctx, c, http.MethodPost, base+"/player/open", u.Host, "", map[string]string{"token": path.Base(u.Path)}, &s)
	return s, err
}

type activity struct {
	ID, Launch string
	Children   []activity
}

func (a activity) firstLeaf() string {
	if a.Launch != "" {
		return a.ID
	}
	for _, child := range a.Children {
		if id := child.firstLeaf(); id != "" {
			return id
		}
	}
	return ""
}

// Next makes the next commit: a bookmark that names its sequence, and suspend_data of the given size.
func (l *Learner) Next(size int) Commit {
	l.sequence++
	return Commit{
		Sequence: l.sequence, Activity: l.activity,
		CMI: map[string]string{
			"cmi.core.lesson_status":   "incomplete",
			"cmi.core.lesson_location": strconv.FormatInt(l.sequence, 10),
			"cmi.core.score.raw":       strconv.FormatInt(l.sequence%101, 10),
			"cmi.core.total_time":      "0000:00:10.00",
			"cmi.suspend_data":         strings.Repeat("abcdefgh", (size+7)/8)[:size],
		},
	}
}

// Commit is the body of a commit.
type Commit struct {
	Sequence int64             `json:"sequence"`
	Activity string            `json:"activity"`
	CMI      map[string]string `json:"cmi"`
	Final    bool              `json:"final,omitempty"`
}

// Send sends a commit once and returns its outcome.
func (l *Learner) Send(ctx context.Context, c Commit) (string, error) {
	var answer struct{ Outcome string }
	err := call(ctx, l.HTTP, http.MethodPost, l.Base+"/api/v1/commits", "", l.session, c, &answer)
	return answer.Outcome, err
}

// Deliver sends a commit until it is acknowledged, as the player's outbox does; retries counts how often it was not.
func (l *Learner) Deliver(ctx context.Context, c Commit) (outcome string, retries int, err error) {
	for {
		limited, cancel := context.WithTimeout(ctx, 20*time.Second)
		outcome, err = l.Send(limited, c)
		cancel()
		var status *StatusError
		if err == nil || errors.As(err, &status) && status.Status < http.StatusInternalServerError && status.Status != http.StatusTooManyRequests {
			return outcome, retries, err
		}
		retries++
		select {
		case <-ctx.Done():
			return "", retries, errors.Join(ctx.Err(), err)
		case <-time.After(time.Duration(20+rand.IntN(200)) * time.Millisecond):
		}
	}
}

// Session is the session's token.
func (l *Learner) Session() string { return l.session }
