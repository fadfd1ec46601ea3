// Package queue declares the SQS queue through which instances hand background
// jobs to workers, with the dead-letter queue that keeps jobs nobody could do.
package queue

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/internal/retention"
)

// MaxRetentionDays is SQS's limit. A dead letter's age counts from its first
// sending, so the main queue has to keep messages for less than this or dead
// letters vanish before anybody has seen them.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
const MaxRetentionDays = 14

// Props configures a queue.
type Props struct {
	// VisibilityTimeoutSeconds hides a received job from other workers; longer
	// than the slowest job between two extensions, at most 43,200 (12 h).
	VisibilityTimeoutSeconds int
	// MaxReceiveCount is how often a job is tried before it becomes a dead letter.
	MaxReceiveCount int
	// RetentionDays a job may wait, 1–14; keep it below MaxRetentionDays.
	RetentionDays int
	KeyArn        *string
}

// Queue is a standard queue: at least once, in no promised order. Both queues
// are retained, since a job that was accepted must not vanish with a stack.
type Queue struct {
	constructs.Construct
	queue, deadLetters awssqs.CfnQueue
	keyArn             *string
}

// New declares the queue, its dead-letter queue and their policies.
func New(scope constructs.Construct, id string, p Props) *Queue {
	if p.RetentionDays < 1 || p.RetentionDays > MaxRetentionDays {
		panic(fmt.Sprintf("queue %s: RetentionDays is %d; SQS keeps messages for 1 to %d days", id, p.RetentionDays, MaxRetentionDays))
	}
	if p.MaxReceiveCount < 1 {
		panic(fmt.Sprintf("queue %s: MaxReceiveCount is %d; it has to be at least 1", id, p.MaxReceiveCount))
	}
	this := constructs.NewConstruct(scope, &id)

	// 1. Jobs that failed too often, for people to look at.
	deadLetters := awssqs.NewCfnQueue(this, new("DeadLetters"), &awssqs.CfnQueueProps{
		KmsMasterKeyId:         p.KeyArn,
		MessageRetentionPeriod: new(float64(MaxRetentionDays * 86400)),
	})
	retention.Keep(deadLetters)

	// 2. Jobs that wait.
	queue := awssqs.NewCfnQueue(this, new("Queue"), &awssqs.CfnQueueProps{
		KmsMasterKeyId:                p.KeyArn,
		VisibilityTimeout:             new(float64(p.VisibilityTimeoutSeconds)),
		MessageRetentionPeriod:        new(float64(p.RetentionDays * 86400)),
		ReceiveMessageWaitTimeSeconds: new(20.0), // long polling: no charge for asking an empty queue in a loop
		RedrivePolicy: map[string]any{
			"deadLetterTargetArn": deadLetters.AttrArn(),
			"maxReceiveCount":     p.MaxReceiveCount,
		},
	})
	retention.Keep(queue)

	// 3. Nobody talks to them without TLS.
	tlsOnly(this, "DeadLettersPolicy", deadLetters)
	tlsOnly(this, "QueuePolicy", queue)

	return &Queue{Construct: this, queue: queue, deadLetters: deadLetters, keyArn: p.KeyArn}
}

func tlsOnly(scope constructs.Construct, id string, queue awssqs.CfnQueue) {
	awssqs.NewCfnQueuePolicy(scope, &id, &awssqs.CfnQueuePolicyProps{
		Queues: &[]*string{queue.AttrQueueUrl()},
		PolicyDocument: map[string]any{
			"Version": "2012-10-17",
			"Statement": []any{map[string]any{
				"Sid":       "TLSOnly",
				"Effect":    "Deny",
				"Principal": "*",
				"Action":    "sqs:*",
				"Resource":  queue.AttrArn(),
				"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
			}},
		},
	})
}

// Url is the address clients send to.
func (q *Queue) Url() *string { return q.queue.AttrQueueUrl() }

// Arn of the queue.
func (q *Queue) Arn() *string { return q.queue.AttrArn() }

// Name is the dimension of the queue's CloudWatch metrics.
func (q *Queue) Name() *string { return q.queue.AttrQueueName() }

// DeadLetterUrl is where failed jobs are read and redriven from.
func (q *Queue) DeadLetterUrl() *string { return q.deadLetters.AttrQueueUrl() }

// DeadLetterName is the dimension of the dead-letter queue's CloudWatch metrics.
func (q *Queue) DeadLetterName() *string { return q.deadLetters.AttrQueueName() }

// SendGrants lets a role put jobs in. KMS asks a sender for Decrypt as well, to
// verify the data key it was given.
func (q *Queue) SendGrants() []grant.Statement {
	return []grant.Statement{
		{Actions: []string{"sqs:SendMessage", "sqs:GetQueueAttributes"}, Resources: []*string{q.Arn()}},
		grant.KeyVia(q.Construct, q.keyArn, "sqs", "kms:GenerateDataKey", "kms:Decrypt"),
	}
}

// ReceiveGrants lets a role take jobs, extend them and finish them.
func (q *Queue) ReceiveGrants() []grant.Statement {
	return []grant.Statement{
		{
			Actions: []string{
				"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes",
			},
			Resources: []*string{q.Arn()},
		},
		grant.KeyVia(q.Construct, q.keyArn, "sqs", "kms:Decrypt"),
	}
}

// Grants is both, for instances that send and work.
func (q *Queue) Grants() []grant.Statement {
	return append(q.SendGrants(), q.ReceiveGrants()...)
}
