package queue

import (
	"bytes"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Limits of a queue, which are those of Amazon SQS.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const (
	MaxBodyBytes = 256 << 10 // some servers take more
	MaxReceive   = 10        // messages in one Receive
	MaxWait      = 20 * time.Second
	MaxTimeout   = 12 * time.Hour
)

func checkBody(body []byte) error {
	switch {
	case len(body) == 0:
		return errors.New("queue: the message is empty")
	case len(body) > MaxBodyBytes:
		return fmt.Errorf("queue: the message has %d bytes; at most %d", len(body), MaxBodyBytes)
	case !utf8.Valid(body):
		return errors.New("queue: the message is not UTF-8")
	case bytes.ContainsFunc(body, unfit):
		return errors.New("queue: the message has a control character other than tab and the ends of lines")
	}
	return nil
}

// unfit: what SQS does not take.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func unfit(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff
}

func checkTimeout(timeout time.Duration) error {
	if timeout < 0 || timeout > MaxTimeout {
		return fmt.Errorf("queue: a timeout of %s; 0 to %s", timeout, MaxTimeout)
	}
	return nil
}

func clampReceive(limit int, wait time.Duration) (int, time.Duration) {
	return min(max(limit, 1), MaxReceive), min(max(wait, 0), MaxWait)
}
