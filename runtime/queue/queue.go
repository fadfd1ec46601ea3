// Package queue is the runtime's SQS queue. For now it can only be asked whether it is there.
package queue

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Queue is one SQS queue.
type Queue struct {
	client *sqs.Client
	url    string
}

// Open prepares the queue with this URL. It asks nobody.
func Open(cfg aws.Config, url string) *Queue { return &Queue{client: sqs.NewFromConfig(cfg), url: url} }

// Ping asks whether the queue exists and may be used (needs sqs:GetQueueAttributes).
func (q *Queue) Ping(ctx context.Context) error {
	_, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl:       &q.url,
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		return fmt.Errorf("queue %s: %w", q.url, err)
	}
	return nil
}
