package host

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/lectern/lectern/runtime/contract"
)

// waitReady asks the instance once a second until it wants traffic. When it never does, the error says how the parts
// were at the end.
func (b *Boot) waitReady(ctx context.Context, s *booting) error {
	base := fmt.Sprintf("http://127.0.0.1:%d", s.config.Port)
	ready := b.ReadyURL
	if ready == "" {
		ready = base + contract.ReadyPath
	}
	limited, cancel := context.WithTimeout(ctx, b.ReadyDeadline)
	defer cancel()
	for {
		status, last := AskHealth(limited, ready)
		if status == http.StatusOK {
			s.unready = false
			return nil
		}
		select {
		case <-limited.Done():
			_, parts := AskHealth(context.WithoutCancel(ctx), strings.TrimSuffix(ready, contract.ReadyPath)+contract.HealthPath)
			return fmt.Errorf("not ready after %s: %s; parts: %s; see journalctl -u %s", b.ReadyDeadline, last, parts, contract.UnitName)
		case <-time.After(time.Second):
		}
	}
}

// AskHealth asks a health path of an instance, for at most 5 s: its HTTP status (0 if it does not answer) and what it
// says, in words for a log.
func AskHealth(ctx context.Context, url string) (int, string) {
	limited, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodGet, url, nil)
	if err != nil {
		return 0, err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "no answer: " + err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return resp.StatusCode, "answer broke off: " + err.Error()
	}
	return resp.StatusCode, strings.TrimSpace(string(body))
}
