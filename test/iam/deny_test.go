package iam

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/test/iam/record"
)

// stranger is an account that has nothing to do with any client.
const stranger = "999999999999"

// administrator may do everything that the policies of resources do not deny.
func administrator(w *World) *Role {
	return &Role{
		env: w.Env, ARN: "arn:aws:iam::" + w.Env.Account + ":role/administrator",
		Policies: []Policy{{"everything", map[string]any{"Version": "2012-10-17", "Statement": []any{
			map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"},
		}}}},
	}
}

// plainly are actions on a resource, for a request without TLS.
func plainly(arn string) map[string]string {
	switch service := strings.SplitN(arn, ":", 4)[2]; service {
	case "s3":
		return map[string]string{"s3:ListBucket": arn, "s3:GetObject": arn + "/x", "s3:PutObject": arn + "/x"}
	case "sqs":
		return map[string]string{"sqs:ReceiveMessage": arn, "sqs:SendMessage": arn}
	case "elasticfilesystem":
		return map[string]string{"elasticfilesystem:ClientMount": arn, "elasticfilesystem:ClientRootAccess": arn}
	default:
		return nil // KMS takes no request without TLS
	}
}

// TestNothingWithoutTLS asks as an administrator, whom only a Deny can stop: every bucket, queue and file system of every
// client refuses what comes without TLS, and takes the same with it.
func TestNothingWithoutTLS(t *testing.T) {
	p := newProof(t)
	var b batch
	var what []string
	guarded := map[string]int{}
	for _, one := range p.plans {
		w := p.open(t, one, At(one))
		admin := administrator(w)
		for _, kind := range []string{"AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::EFS::FileSystem"} {
			for _, thing := range w.Env.all(kind) {
				arn, err := thing.stack.attribute(thing.id, "Arn")
				require.NoError(t, err)
				guarded[kind]++
				for action, resource := range plainly(arn) {
					for _, tls := range []string{"false", "true"} {
						ask := Ask{Role: admin, Principal: admin.ARN, Call: record.Call{
							Action: action, Resource: resource, Context: map[string]string{"aws:SecureTransport": tls},
						}}
						_, err := b.add(ask, w)
						require.NoError(t, err)
						what = append(what, fmt.Sprintf("%s: %s on %s with TLS %s", one.Client, action, shorten(resource), tls))
					}
				}
			}
		}
	}
	answers, _, err := b.ask()
	require.NoError(t, err)
	for i, answer := range answers {
		require.Empty(t, answer.Error, what[i])
		if b.Questions[i].Context["aws:SecureTransport"] == "true" {
			require.Equal(t, "Allowed", answer.Result, what[i])
			continue
		}
		require.Equal(t, "ExplicitlyDenied", answer.Result, what[i])
	}
	t.Logf("without TLS nothing is allowed, with TLS it is: %d questions about %v", len(answers), guarded)
}

// TestServicesAreBoundToTheAccount turns what services of AWS may do with a client's resources into what they would do for
// a stranger: for another account, for another distribution of the same account, or for the client's own that stands before
// the console. All of it is denied.
func TestServicesAreBoundToTheAccount(t *testing.T) {
	p := newProof(t)
	var b batch
	var what []string
	besides := 0
	for _, one := range p.plans {
		w := p.open(t, one, At(one))
		for _, ask := range w.Asks {
			if ask.Role != nil {
				continue
			}
			require.NotEmpty(t, ask.Call.Context, "%s %s is bound to nothing", ask.Principal, ask.Call)
			foreign := changed(ask, w.Env.Account, stranger)
			require.NotEqual(t, ask.Call.String(), foreign.Call.String())
			asks := []Ask{foreign}
			if distribution := w.Names["distribution"]; ask.Call.Action == "s3:GetObject" {
				asks = append(asks, changed(ask, "distribution/"+distribution, "distribution/E0123456789ABC"))
				if beside := w.Names["distribution.beside"]; beside != "" {
					asks = append(asks, changed(ask, "distribution/"+distribution, "distribution/"+beside))
					besides++
				}
			}
			for _, a := range asks {
				_, err := b.add(a, w)
				require.NoError(t, err)
				what = append(what, fmt.Sprintf("%s: %s %s", one.Client, a.Principal, a.Call))
			}
		}
	}
	require.NotEmpty(t, what)
	require.Positive(t, besides, "no client has a second distribution")
	answers, _, err := b.ask()
	require.NoError(t, err)
	for i, answer := range answers {
		require.Empty(t, answer.Error, what[i])
		require.NotEqual(t, "Allowed", answer.Result, what[i])
	}
	t.Logf("services of AWS for strangers: %d questions, all denied", len(answers))
}

// changed has other text in the context.
func changed(a Ask, from, to string) Ask {
	context := map[string]string{}
	for key, value := range a.Call.Context {
		context[key] = strings.ReplaceAll(value, from, to)
	}
	a.Call.Context = context
	return a
}
