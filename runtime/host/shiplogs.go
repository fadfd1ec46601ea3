package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// LogShipper sends log lines to CloudWatch Logs beside writing them to where they went before. It never blocks and never
// fails the writer: while CloudWatch is away it keeps the newest lines within its bounds, then says how many are missing.
// A batch that CloudWatch refuses is missing too: one whose lines are more than a day apart, after a day without it.
//
// Lines in the embedded metric format become metrics there.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
type LogShipper struct {
	client        LogsAPI
	group, stream string
	beside        io.Writer

	mu      sync.Mutex
	partial []byte
	waiting []types.InputLogEvent
	bytes   int
	dropped int
	last    int64 // milliseconds: of the newest line
}

// LogsAPI is what a LogShipper calls: logs:CreateLogStream and logs:PutLogEvents.
type LogsAPI interface {
	CreateLogStream(context.Context, *cloudwatchlogs.CreateLogStreamInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.CreateLogStreamOutput, error)
	PutLogEvents(context.Context, *cloudwatchlogs.PutLogEventsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutLogEventsOutput, error)
}

const (
	shipInterval   = 2 * time.Second
	shipTimeout    = 10 * time.Second
	maxBatchBytes  = 1_000_000 // of 1,048,576, with eventOverhead for each event
	maxBatchEvents = 10_000
	maxEventBytes  = 250_000 // a longer line is cut
	eventOverhead  = 26
	maxKeptBytes   = 16 << 20
)

// NewLogShipper ships to one stream of a log group that exists; the stream is made when it is first needed.
func NewLogShipper(client LogsAPI, group, stream string, beside io.Writer) *LogShipper {
	return &LogShipper{client: client, group: group, stream: stream, beside: beside}
}

// Write takes lines. The error is that of the writer beside.
func (s *LogShipper) Write(p []byte) (int, error) {
	s.mu.Lock()
	s.partial = append(s.partial, p...)
	for {
		end := bytes.IndexByte(s.partial, '\n')
		if end < 0 {
			break
		}
		s.keep(string(s.partial[:end]))
		s.partial = s.partial[end+1:]
	}
	s.mu.Unlock()
	return s.beside.Write(p)
}

func (s *LogShipper) keep(line string) {
	if line == "" {
		return // CloudWatch refuses empty events
	}
	if len(line) > maxEventBytes {
		line = strings.ToValidUTF8(line[:maxEventBytes], "")
	}
	s.last = max(s.last, time.Now().UnixMilli()) // CloudWatch refuses a batch in which the clock was set back
	s.waiting = append(s.waiting, types.InputLogEvent{Message: &line, Timestamp: new(s.last)})
	s.bytes += len(line) + eventOverhead
	for s.bytes > maxKeptBytes {
		s.bytes -= len(*s.waiting[0].Message) + eventOverhead
		s.waiting = s.waiting[1:]
		s.dropped++
	}
}

// Run ships until ctx is done, then once more.
func (s *LogShipper) Run(ctx context.Context) {
	tick := time.NewTicker(shipInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shipTimeout)
			defer cancel()
			s.report(s.ship(last))
			return
		case <-tick.C:
			limited, cancel := context.WithTimeout(ctx, shipTimeout)
			s.report(s.ship(limited))
			cancel()
		}
	}
}

// report tells of trouble where people can see it without CloudWatch.
func (s *LogShipper) report(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintf(s.beside, `{"level":"WARN","msg":"logs were not shipped","reason":%q}`+"\n", err)
	}
}

// ship sends everything that waits, a batch at a time.
func (s *LogShipper) ship(ctx context.Context) error {
	for {
		batch := s.take()
		if len(batch) == 0 {
			return nil
		}
		err := s.put(ctx, batch)
		var missing *types.ResourceNotFoundException
		if errors.As(err, &missing) {
			if err = s.createStream(ctx); err == nil {
				err = s.put(ctx, batch)
			}
		}
		var refused *types.InvalidParameterException
		switch {
		case errors.As(err, &refused):
			// It would be refused again, and all that comes after it would wait for ever.
			s.drop(len(batch))
			return err
		case err != nil:
			s.putBack(batch)
			return err
		}
	}
}

func (s *LogShipper) drop(lines int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropped += lines
}

func (s *LogShipper) put(ctx context.Context, batch []types.InputLogEvent) error {
	_, err := s.client.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: &s.group, LogStreamName: &s.stream, LogEvents: batch})
	if err != nil {
		return fmt.Errorf("put %d events into log group %s: %w", len(batch), s.group, err)
	}
	return nil
}

func (s *LogShipper) createStream(ctx context.Context) error {
	_, err := s.client.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &s.group, LogStreamName: &s.stream})
	var exists *types.ResourceAlreadyExistsException
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("create stream %s in log group %s: %w", s.stream, s.group, err)
	}
	return nil
}

func (s *LogShipper) take() []types.InputLogEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped > 0 {
		line := fmt.Sprintf(`{"level":"WARN","msg":"log lines were lost: CloudWatch was away for too long, or refused them","lines":%d}`, s.dropped)
		s.dropped = 0
		s.keep(line)
	}
	n, size := 0, 0
	for n < len(s.waiting) && n < maxBatchEvents {
		size += len(*s.waiting[n].Message) + eventOverhead
		if size > maxBatchBytes {
			break
		}
		n++
	}
	batch := s.waiting[:n:n]
	s.waiting = s.waiting[n:]
	for _, e := range batch {
		s.bytes -= len(*e.Message) + eventOverhead
	}
	return batch
}

func (s *LogShipper) putBack(batch []types.InputLogEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(batch, s.waiting...)
	for _, e := range batch {
		s.bytes += len(*e.Message) + eventOverhead
	}
}
