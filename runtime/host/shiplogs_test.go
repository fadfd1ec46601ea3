package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/stretchr/testify/require"
)

// logs is CloudWatch Logs as far as its limits and errors matter.
type logs struct {
	streams map[string]bool
	events  []string
	batches int
	away    bool
	refuses string // a line
}

func (l *logs) CreateLogStream(_ context.Context, in *cloudwatchlogs.CreateLogStreamInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.CreateLogStreamOutput, error) {
	if l.streams[*in.LogStreamName] {
		return nil, &types.ResourceAlreadyExistsException{}
	}
	l.streams[*in.LogStreamName] = true
	return &cloudwatchlogs.CreateLogStreamOutput{}, nil
}

func (l *logs) PutLogEvents(_ context.Context, in *cloudwatchlogs.PutLogEventsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutLogEventsOutput, error) {
	if l.away {
		return nil, errors.New("no route")
	}
	if !l.streams[*in.LogStreamName] {
		return nil, &types.ResourceNotFoundException{}
	}
	size, last := 0, int64(0)
	for _, e := range in.LogEvents {
		if *e.Message == l.refuses || *e.Timestamp < last {
			return nil, &types.InvalidParameterException{}
		}
		last = *e.Timestamp
		if size += len(*e.Message) + 26; size > 1_048_576 || *e.Message == "" {
			return nil, &types.InvalidParameterException{}
		}
		l.events = append(l.events, *e.Message)
	}
	l.batches++
	return &cloudwatchlogs.PutLogEventsOutput{}, nil
}

func TestLinesReachCloudWatchInOrderAndWithinItsLimits(t *testing.T) {
	var beside bytes.Buffer
	l := &logs{streams: map[string]bool{}}
	s := NewLogShipper(l, "/lectern/demo", "i-1", &beside)
	fmt.Fprint(s, "one\n\ntw")
	fmt.Fprint(s, "o\n")
	long := strings.Repeat("x", 200_000)
	for range 7 {
		fmt.Fprintln(s, long)
	}
	fmt.Fprintln(s, strings.Repeat("y", 2_000_000))
	require.NoError(t, s.ship(t.Context()))
	require.Equal(t, []string{"one", "two", long}, l.events[:3])
	require.Len(t, l.events, 10)
	require.Len(t, l.events[9], maxEventBytes)
	require.Equal(t, 2, l.batches)
	require.True(t, strings.HasPrefix(beside.String(), "one\n\ntwo\n"+long), "the writer beside gets everything as it is")
	require.Zero(t, s.bytes)
}

func TestWhatCannotBeShippedIsKeptWithinBounds(t *testing.T) {
	l := &logs{streams: map[string]bool{"i-1": true}, away: true}
	s := NewLogShipper(l, "/lectern/demo", "i-1", &bytes.Buffer{})
	fmt.Fprintln(s, "first")
	require.ErrorContains(t, s.ship(t.Context()), "no route")
	fmt.Fprintln(s, "second")
	l.away = false
	require.NoError(t, s.ship(t.Context()))
	require.Equal(t, []string{"first", "second"}, l.events)

	l.away, l.events = true, nil
	line := strings.Repeat("z", maxEventBytes)
	for range 100 {
		fmt.Fprintln(s, line)
	}
	require.Error(t, s.ship(t.Context()))
	require.LessOrEqual(t, s.bytes, maxKeptBytes)
	l.away = false
	require.NoError(t, s.ship(t.Context()))
	require.Contains(t, l.events[len(l.events)-1], "log lines were lost")
}

func TestARefusedBatchIsNotShippedAgain(t *testing.T) {
	l := &logs{streams: map[string]bool{"i-1": true}, refuses: "bad"}
	s := NewLogShipper(l, "/lectern/demo", "i-1", &bytes.Buffer{})
	fmt.Fprint(s, "good\nbad\n")
	require.Error(t, s.ship(t.Context()))
	fmt.Fprintln(s, "later")
	require.NoError(t, s.ship(t.Context()))
	require.Equal(t, "later", l.events[len(l.events)-2])
	require.Contains(t, l.events[len(l.events)-1], `"lines":2`)
	require.NotContains(t, l.events, "bad")
	require.Zero(t, s.bytes)
}

func TestLinesStayInOrderWhenTheClockIsSetBack(t *testing.T) {
	l := &logs{streams: map[string]bool{"i-1": true}}
	s := NewLogShipper(l, "/lectern/demo", "i-1", &bytes.Buffer{})
	s.last = time.Now().Add(time.Minute).UnixMilli()
	fmt.Fprint(s, "one\ntwo\n")
	require.Equal(t, *s.waiting[0].Timestamp, *s.waiting[1].Timestamp)
	require.NoError(t, s.ship(t.Context()))
	require.Equal(t, []string{"one", "two"}, l.events)
}
