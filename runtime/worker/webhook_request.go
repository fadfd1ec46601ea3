package worker

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/lectern/lectern/runtime/postgres"
)

// Headers of a delivery.
const (
	SignatureHeader = "Lectern-Signature"
	DeliveryHeader  = "Lectern-Delivery" // the delivery's id; the same in each try
	EventHeader     = "Lectern-Event"    // the event's type
)

// Event is the body of a delivery, as JSON. ID is the same for all webhooks and tries, so a receiver can tell what it has
// seen; deliveries may come twice and in any order.
type Event struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Tenant     string          `json:"tenant"`
	OccurredAt time.Time       `json:"occurredAt"`
	Data       json.RawMessage `json:"data"`
}

// Sign is the signature of a body: t=UNIX,v1=HEX, where HEX is the HMAC-SHA256 of UNIX + "." + body under the webhook's
// secret. A receiver computes the same, compares in constant time, and refuses a t that is minutes away.
func Sign(secret, body []byte, at time.Time) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// post makes one request. failure is "" after a 2xx; it says nothing of the network that the service stands in.
func post(ctx context.Context, client *http.Client, address string, secret []byte, d postgres.Delivery, now time.Time) (status int, failure string) {
	body, err := json.Marshal(Event{ID: d.EventID, Type: d.Type, Tenant: d.TenantID, OccurredAt: d.OccurredAt, Data: d.Data})
	if err != nil {
		return 0, "the event cannot be written as JSON"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, "the webhook's URL cannot be used"
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Lectern-Webhooks/1")
	r.Header.Set(DeliveryHeader, d.ID)
	r.Header.Set(EventHeader, d.Type)
	r.Header.Set(SignatureHeader, Sign(secret, body, now))
	answer, err := client.Do(r)
	if err != nil {
		return 0, reason(err)
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 16<<10) // so that the connection can be used again; what it says is not wanted
	switch {
	case answer.StatusCode >= 200 && answer.StatusCode < 300:
		return answer.StatusCode, ""
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return answer.StatusCode, fmt.Sprintf("the answer was HTTP %d; redirects are not followed", answer.StatusCode)
	}
	return answer.StatusCode, fmt.Sprintf("the answer was HTTP %d", answer.StatusCode)
}

// reason is what an owner of a webhook may know of an error: not the address that a name led to, nor who was asked.
func reason(err error) string {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.Is(err, errNotPublic):
		return "the host's address is not on the public internet"
	case errors.As(err, &dns):
		return "the host's name could not be resolved"
	case errors.As(err, &certificate):
		return "the certificate is not valid: " + certificate.Err.Error()
	case errors.As(err, &record):
		return "the host does not speak TLS on this port"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return "the connection was refused or broken"
}
