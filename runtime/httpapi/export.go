package httpapi

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/registration"
	"github.com/lectern/lectern/runtime/tenant"
)

const exportPage = 200 // registrations that are read at a time

// exportHeads are the columns of an export; exportRow has them in the same order.
var exportHeads = []string{
	"registrationId", "learnerId", "learnerName", "courseId", "courseTitle", "registeredAt", "attempt", "version", "completion", "success",
	"scoreRaw", "scoreMin", "scoreMax", "scoreScaled", "progress", "totalSeconds", "lastActivityAt",
}

type exportRegistrations struct{ RegistrationFilter }

func (a *api) addExport(h huma.API, tags []string) {
	register(a, h, huma.Operation{
		OperationID: "export-registrations", Method: http.MethodGet, Path: "/registrations.csv", Tags: tags,
		Summary: "The tenant's registrations as a CSV file",
		Description: "All that the list shows with the same filter, newest first, one line each: " + strings.Join(exportHeads, ", ") + ". " +
			"RFC 4180, in UTF-8, with a line of names first; times are UTC. " +
			"What people wrote (ids, names, titles) and begins with =, +, -, @, a tab or a line break gets an apostrophe before it, so that no spreadsheet takes it for a formula. " +
			"An export that breaks off ends the connection and not the file.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The file",
			Content:     map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
			Headers:     map[string]*huma.Param{"Content-Disposition": {Description: "A name for the file.", Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}, rules{scope: tenant.ScopeRead, streams: true}, a.exportRegistrations)
}

// exportRegistrations reads the first page before it answers, so that what is wrong with the request is a problem.
func (a *api) exportRegistrations(ctx context.Context, in *exportRegistrations) (*huma.StreamResponse, error) {
	owner, f := caller(ctx).TenantID, in.filter()
	first, err := a.exportPage(ctx, owner, f, "")
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "text/csv; charset=utf-8; header=present")
		hc.SetHeader("Content-Disposition", `attachment; filename="registrations.csv"`)
		_, w := humago.Unwrap(hc)
		if err := a.writeExport(ctx, w, owner, f, first); err != nil {
			panic(errors.Join(http.ErrAbortHandler, err)) // half a file must not look like a whole one
		}
	}}, nil
}

func (a *api) exportPage(ctx context.Context, owner string, f postgres.RegistrationFilter, after string) (postgres.List[registration.Listed], error) {
	limited, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	return a.DB.Registrations(limited, owner, f, postgres.Page{After: after, Limit: exportPage})
}

func (a *api) writeExport(ctx context.Context, w http.ResponseWriter, owner string, f postgres.RegistrationFilter, page postgres.List[registration.Listed]) error {
	control := http.NewResponseController(w)
	out := csv.NewWriter(io.Writer(w))
	out.UseCRLF = true
	if err := out.Write(exportHeads); err != nil {
		return err
	}
	for {
		_ = control.SetWriteDeadline(time.Now().Add(pace)) // where a connection has none, the server's limit stays
		for i := range page.Items {
			if err := out.Write(exportRow(&page.Items[i])); err != nil {
				return err
			}
		}
		if out.Flush(); out.Error() != nil {
			return out.Error()
		}
		if page.Next == "" {
			return nil
		}
		var err error
		if page, err = a.exportPage(ctx, owner, f, page.Next); err != nil {
			return err
		}
	}
}

func exportRow(r *registration.Listed) []string {
	row := []string{
		r.ID, harmless(r.Learner.ID), harmless(r.Learner.Name), r.CourseID, harmless(r.CourseTitle), r.CreatedAt.UTC().Format(time.RFC3339),
		"", "", "", "", "", "", "", "", "", "", "",
	}
	l := r.Latest
	if l == nil {
		return row
	}
	row[6], row[7], row[8], row[9] = strconv.Itoa(l.Number), strconv.Itoa(l.Version), string(l.Result.Completion), string(l.Result.Success)
	if s := l.Result.Score; s != nil {
		row[10], row[11], row[12], row[13] = decimal(s.Raw), decimal(s.Min), decimal(s.Max), decimal(s.Scaled)
	}
	row[14], row[15] = decimal(l.Result.Progress), decimal(&l.Result.TotalSeconds)
	if l.LastActivityAt != nil {
		row[16] = l.LastActivityAt.UTC().Format(time.RFC3339)
	}
	return row
}

func decimal(n *float64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(*n, 'f', -1, 64)
}

// formulaStarts are what a spreadsheet takes for the beginning of a formula, the wide forms of some keyboards included; see
// https://owasp.org/www-community/attacks/CSV_Injection.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// harmless is a text of people that no spreadsheet runs.
func harmless(s string) string {
	if strings.IndexAny(s, formulaStarts) == 0 {
		return "'" + s
	}
	return s
}
