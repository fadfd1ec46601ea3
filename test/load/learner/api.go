// Package learner is a client of the engine as the systems and browsers of a tenant are: it registers learners, opens
// launches and commits their state, over HTTP alone. Load and fault tests use it.
package learner

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// API speaks for a tenant's own system.
type API struct {
	Base string // e.g. http://127.0.0.1:8080
	Key  string
	HTTP *http.Client
}

// StatusError is an answer that is no success.
type StatusError struct {
	Status int
	Body   string
}

// Error implements error.
func (e *StatusError) Error() string { return fmt.Sprintf("status %d: %s", e.Status, e.Body) }

// Call sends body as JSON, if there is one, and decodes the answer into out, if it is not nil.
func (a *API) Call(ctx context.Context, method, path string, body, out any) error {
	return call(ctx, a.HTTP, method, a.Base+path, "", a.Key, body, out)
}

// call makes a request. host is its Host header, by which the engine knows players from the rest; "" is the URL's own.
func call(ctx context.Context, c *http.Client, method, url, host, bearer string, body, out any) error {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return err
	}
	req.Host = host
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return &StatusError{resp.StatusCode, strings.TrimSpace(string(text))}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s %s answered %q: %w", method, url, text, err)
	}
	return nil
}

// Import uploads a package as a new course and waits until it is imported.
func (a *API) Import(ctx context.Context, name string, size int64, body io.Reader) (courseID string, err error) {
	var created struct {
		Import struct{ ID, CourseID string }
		Upload struct {
			Method, URL string
			Headers     map[string]string
		}
	}
	if err := a.Call(ctx, http.MethodPost, "/api/v1/imports", map[string]any{"fileName": name, "size": size}, &created); err != nil {
		return "", fmt.Errorf("create the import: %w", err)
	}
	url := created.Upload.URL
	own := strings.HasPrefix(url, "/") || strings.HasPrefix(url, a.Base)
	if strings.HasPrefix(url, "/") {
		url = a.Base + url
	}
	req, err := http.NewRequestWithContext(ctx, created.Upload.Method, url, body)
	if err != nil {
		return "", err
	}
	req.ContentLength = size
	for name, value := range created.Upload.Headers {
		req.Header.Set(name, value)
	}
	if own {
		req.Header.Set("Authorization", "Bearer "+a.Key)
	}
	resp, err := a.HTTP.Do(req)
	if err != nil {
		return "", fmt.Errorf("upload: %w", err)
	}
	text, _ := io.ReadAll(resp.Body) // only for the message
	resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return "", fmt.Errorf("upload: status %d: %s", resp.StatusCode, text)
	}
	if err := a.Call(ctx, http.MethodPost, "/api/v1/imports/"+created.Import.ID+"/complete", nil, nil); err != nil {
		return "", fmt.Errorf("complete the upload: %w", err)
	}
	for {
		var i struct {
			State  string
			Report json.RawMessage
		}
		if err := a.Call(ctx, http.MethodGet, "/api/v1/imports/"+created.Import.ID, nil, &i); err != nil {
			return "", err
		}
		switch i.State {
		case "succeeded":
			return created.Import.CourseID, nil
		case "failed":
			return "", fmt.Errorf("the import was refused: %s", i.Report)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Register registers a learner and returns the registration's id.
func (a *API) Register(ctx context.Context, courseID, learnerID string) (string, error) {
	var r struct{ ID string }
	err := a.Call(ctx, http.MethodPost, "/api/v1/registrations",
		map[string]any{"courseId": courseID, "learner": map[string]string{"id": learnerID, "name": "Learner, " + learnerID}}, &r)
	return r.ID, err
}

// Link makes a launch link of a registration.
func (a *API) Link(ctx context.Context, registrationID string) (string, error) {
	var l struct{ URL string }
	err := a.Call(ctx, http.MethodPost, "/api/v1/registrations/"+registrationID+"/launches", map[string]any{}, &l)
	return l.URL, err
}
