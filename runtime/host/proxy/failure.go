package proxy

import (
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
)

// statusGone is what logs and metrics say of a client that did not wait for its answer, as nginx does. Nobody gets it.
const statusGone = 499

// failed answers when the workload did not.
func (p *Proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(r, err)
	p.observe(r, status)
	id := p.options.RequestID(r.Context())
	if status == statusGone {
		w.WriteHeader(status)
		return
	}
	p.options.Log.Warn("request not answered by the workload", "requestId", id, "method", knownMethod(r.Method), "status", status, "error", err)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = fmt.Fprintf(w, page, status, http.StatusText(status), advice(status), html.EscapeString(id)) // the client has gone
	}
}

func statusOf(r *http.Request, err error) int {
	x := exchangeOf(r)
	switch sent := x.body.failed(); {
	case timedOut(sent): // first, since the server takes a failed read for a client that has gone
		return http.StatusRequestTimeout
	case r.Context().Err() != nil:
		return statusGone
	case sent != nil:
		return http.StatusBadRequest
	case timedOut(err):
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

func timedOut(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

func advice(status int) string {
	if status < http.StatusInternalServerError {
		return "The request did not arrive whole. Please send it again."
	}
	return "Please try again in a minute. If it stays like this, tell the operator the number below."
}

// page has the status twice, then advice and the id of the request.
const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%[1]d %[2]s</title>
<h1>%[2]s</h1>
<p>%[3]s</p>
<p>Request <code>%[4]s</code></p>
</html>
`
