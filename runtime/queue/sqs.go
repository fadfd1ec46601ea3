// Package queue is the runtime's queue of background work: Amazon SQS or, for an installation of one process, a queue
// inside it.
package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// SQS is one queue of Amazon SQS, a standard one. Its visibility timeout, and after how many receives a message goes to
// which dead letter queue, are set there.
type SQS struct {
	client *sqs.Client
	url    string
}

// Open prepares the queue with this URL. It asks nobody.
func Open(cfg aws.Config, url string) *SQS { return &SQS{client: sqs.NewFromConfig(cfg), url: url} }

// Send implements Port; needs sqs:SendMessage.
func (q *SQS) Send(ctx context.Context, body []byte) error {
	if err := checkBody(body); err != nil {
		return err
	}
	_, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: new(string(body))})
	return q.wrap("send", err)
}

// Receive implements Port; needs sqs:ReceiveMessage. SQS waits whole seconds, so less than one is none.
func (q *SQS) Receive(ctx context.Context, limit int, wait time.Duration) ([]Message, error) {
	limit, wait = clampReceive(limit, wait)
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &q.url, MaxNumberOfMessages: int32(limit), WaitTimeSeconds: int32(wait / time.Second),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		return nil, q.wrap("receive", err)
	}
	var found []Message
	for _, m := range out.Messages {
		// Without the count it is still a message; it was received at least now.
		receives, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
		if err != nil {
			receives = 1
		}
		found = append(found, Message{ID: aws.ToString(m.MessageId), Body: []byte(aws.ToString(m.Body)), Receives: receives, Receipt: aws.ToString(m.ReceiptHandle)})
	}
	return found, nil
}

// Extend implements Port; needs sqs:ChangeMessageVisibility.
func (q *SQS) Extend(ctx context.Context, m Message, timeout time.Duration) error {
	if err := checkTimeout(timeout); err != nil {
		return err
	}
	seconds := int32((timeout + time.Second - 1) / time.Second) // rather longer than shorter
	_, err := q.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &q.url, ReceiptHandle: &m.Receipt, VisibilityTimeout: seconds})
	if isStale(err) {
		return fmt.Errorf("%w: message %s", ErrNotInFlight, m.ID)
	}
	return q.wrap("extend message "+m.ID, err)
}

// Delete implements Port; needs sqs:DeleteMessage. Of a receipt that is not the message's latest SQS promises nothing:
// it may come again.
func (q *SQS) Delete(ctx context.Context, m Message) error {
	_, err := q.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: &m.Receipt})
	if isStale(err) {
		return nil
	}
	return q.wrap("delete message "+m.ID, err)
}

// isStale: the message came back, or is gone. InvalidParameterValue is how SQS says it of a receipt that is too old.
func isStale(err error) bool {
	var notInFlight *types.MessageNotInflight
	var invalid *types.ReceiptHandleIsInvalid
	var api smithy.APIError
	return errors.As(err, &notInFlight) || errors.As(err, &invalid) || errors.As(err, &api) && api.ErrorCode() == "InvalidParameterValue"
}

// Stats implements Port; needs sqs:GetQueueAttributes. SQS tells the age of the oldest message to CloudWatch alone.
func (q *SQS) Stats(ctx context.Context) (Stats, error) {
	waiting, inFlight := types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{waiting, inFlight}})
	if err != nil {
		return Stats{}, q.wrap("ask for its numbers", err)
	}
	s := Stats{OldestAge: -1}
	for name, number := range map[types.QueueAttributeName]*int{waiting: &s.Waiting, inFlight: &s.InFlight} {
		if *number, err = strconv.Atoi(out.Attributes[string(name)]); err != nil {
			return Stats{}, q.wrap("read "+string(name), err)
		}
	}
	return s, nil
}

// Ping asks whether the queue exists and may be used (needs sqs:GetQueueAttributes).
func (q *SQS) Ping(ctx context.Context) error {
	_, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl:       &q.url,
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		return fmt.Errorf("queue %s: %w", q.url, err)
	}
	return nil
}

func (q *SQS) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("queue %s: %s: %w", q.url, what, err)
}
