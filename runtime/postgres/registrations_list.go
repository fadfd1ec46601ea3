package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/registration"
)

// RegistrationFilter narrows a list; empty fields do not.
type RegistrationFilter struct {
	CourseID, LearnerID string
	// Search is for words that begin like these, in any order: all of them in the learner's id and name together, or all of
	// them in the title of the course. Case does not matter; whatever is neither letter nor digit parts words.
	Search string

	// These are about the latest attempt.
	Completion    attempt.Completion
	Success       attempt.Success
	ChangedSince  *time.Time // last changed then or later
	ChangedBefore *time.Time // last changed earlier
}

// ofAttempt says whether attempts must be looked at to know what is in the list.
func (f *RegistrationFilter) ofAttempt() bool {
	return f.Completion != "" || f.Success != "" || f.ChangedSince != nil || f.ChangedBefore != nil
}

// lookedAt is how many registrations are looked at for one page, if their attempts decide. No index could find them without a price on
// every commit. So a page takes as long as this at most: about 0.1 s, or 1 s with a search for a word that a fifth of a million
// registrations have. It may hold fewer items than asked for, or none, though there are more pages.
const lookedAt = 10_000

// Registrations are a tenant's registrations with their latest attempts. A page with fewer items than its limit is the last
// only if it has no Next.
func (db *DB) Registrations(ctx context.Context, tenantID string, f RegistrationFilter, p Page) (List[registration.Listed], error) {
	limit, err := p.limit()
	if err != nil {
		return List[registration.Listed]{}, err
	}
	bound := limit + 1
	if f.ofAttempt() {
		bound = max(lookedAt, bound)
	}
	q, err := registrationQuery(tenantID, f, p)
	if err != nil {
		return List[registration.Listed]{}, err
	}
	var rows []listedRow
	err = db.read(ctx, "list registrations", func(ctx context.Context, c querier) error {
		run := *q
		if f.Search != "" {
			if err := run.addSearch(ctx, c, f.Search); err != nil {
				return err
			}
			var err error
			if rows, err = run.rows(ctx, c, run.recent(bound), bound, limit+1); err != nil || matching(rows) > limit {
				return err
			}
		}
		var err error
		rows, err = run.rows(ctx, c, run.all(bound), bound, limit+1)
		return err
	})
	if err != nil {
		return List[registration.Listed]{}, err
	}
	var out List[registration.Listed]
	for _, r := range rows {
		if r.matches && len(out.Items) == limit { // one more than the page
			out.Next = encodeCursor(out.Items[limit-1].ID)
			break
		}
		if r.matches {
			out.Items = append(out.Items, r.Listed)
		}
		if r.number == bound && f.ofAttempt() { // the last that was looked at
			out.Next = encodeCursor(r.ID)
		}
	}
	return out, nil
}

type listedRow struct {
	registration.Listed
	number  int // among those that were looked at, from 1
	matches bool
}

func scanListed(row pgx.CollectableRow) (r listedRow, err error) {
	var attemptID *string
	var number, version *int
	var result *attempt.Result
	var last *time.Time
	err = row.Scan(&r.ID, &r.TenantID, &r.CourseID, &r.Learner.ID, &r.Learner.Name, &r.CreatedAt, &r.number, &r.CourseTitle,
		&attemptID, &number, &version, &result, &last, &r.matches)
	if err == nil && attemptID != nil {
		r.Latest = &registration.Latest{ID: *attemptID, Number: *number, Version: *version, Result: *result, LastActivityAt: last}
	}
	return r, err
}

// listQuery is the conditions of a list and their arguments; $1 is the tenant.
type listQuery struct {
	args         []any
	which, match []string // of registrations, and of their latest attempts
	found        string   // of registrations that were searched for; "": all
}

// arg adds an argument and returns how it is written.
func (q *listQuery) arg(v any) string {
	q.args = append(q.args, v)
	return fmt.Sprintf("$%d", len(q.args))
}

func registrationQuery(tenantID string, f RegistrationFilter, p Page) (*listQuery, error) {
	after, err := p.afterID()
	if err == nil && f.CourseID != "" {
		err = existing("course", f.CourseID)
	}
	if err != nil {
		return nil, err
	}
	q := &listQuery{args: []any{tenantID}}
	if after != nil {
		q.which = append(q.which, "r.id < "+q.arg(*after)+"::uuid")
	}
	if f.CourseID != "" {
		q.which = append(q.which, "r.course_id = "+q.arg(f.CourseID)+"::uuid")
	}
	if f.LearnerID != "" {
		q.which = append(q.which, "r.learner_id = "+q.arg(f.LearnerID))
	}
	if f.Completion != "" {
		q.match = append(q.match, "a.result->>'completion' = "+q.arg(string(f.Completion)))
	}
	if f.Success != "" {
		q.match = append(q.match, "a.result->>'success' = "+q.arg(string(f.Success)))
	}
	if f.ChangedSince != nil {
		q.match = append(q.match, "a.updated_at >= "+q.arg(*f.ChangedSince))
	}
	if f.ChangedBefore != nil {
		q.match = append(q.match, "a.updated_at < "+q.arg(*f.ChangedBefore))
	}
	return q, nil
}

// coursesFound is how many courses with a title that was searched for count.
const coursesFound = 1000

// addSearch looks the titles up first, so that the planner knows which courses are meant, and how many rows that may be.
func (q *listQuery) addSearch(ctx context.Context, c querier, search string) error {
	words, err := wordsQuery(q.args[0].(string), search)
	if err != nil {
		return err
	}
	rows, err := c.Query(ctx, `SELECT id::text FROM courses c WHERE c.tenant_id = $1 AND search_words(c.tenant_id, c.title) @@ $2::tsquery LIMIT $3`,
		q.args[0], words, coursesFound)
	if err != nil {
		return err
	}
	courses, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	q.args = slices.Clone(q.args)
	found := "r.words @@ " + q.arg(words) + "::tsquery"
	if len(courses) > 0 {
		found = "(" + found + " OR r.course_id = ANY (" + q.arg("{"+strings.Join(courses, ",")+"}") + "::uuid[]))"
	}
	q.found = found
	return nil
}

// newest is how many registrations are looked through for words before the index of words is asked. Words that many have are found
// there at once, while the index would bring up all that have them; those that few have are few in the index.
const newest = 5000

// recent is the first bound registrations that are meant, among the newest.
func (q *listQuery) recent(bound int) string {
	return fmt.Sprintf(`SELECT * FROM (
			SELECT `+registrationColumns+`, words FROM registrations r WHERE r.tenant_id = $1%s ORDER BY r.id DESC LIMIT %d
		) r WHERE %s ORDER BY r.id DESC LIMIT %d`, q.base(), newest, q.found, bound)
}

// all is the first bound registrations that are meant. OFFSET keeps the planner from walking through all of them in their order
// in the hope to meet enough with rare words soon.
func (q *listQuery) all(bound int) string {
	if q.found == "" {
		return fmt.Sprintf(`SELECT `+registrationColumns+` FROM registrations r WHERE r.tenant_id = $1%s ORDER BY r.id DESC LIMIT %d`, q.base(), bound)
	}
	return fmt.Sprintf(`SELECT * FROM (
			SELECT `+registrationColumns+` FROM registrations r WHERE r.tenant_id = $1%s AND %s OFFSET 0
		) r ORDER BY r.id DESC LIMIT %d`, q.base(), q.found, bound)
}

func (q *listQuery) base() (text string) {
	for _, c := range q.which {
		text += " AND " + c
	}
	return text
}

// rows looks at the registrations that a query names, bound at most, from the newest on. It returns those that match, most of them at
// most; with conditions on attempts also the last that it looked at, so that the next page begins there.
func (q *listQuery) rows(ctx context.Context, c querier, named string, bound, most int) ([]listedRow, error) {
	match, also := "true", ""
	if len(q.match) > 0 {
		match = "coalesce(" + strings.Join(q.match, " AND ") + ", false)"
		also = fmt.Sprintf("WHERE %s OR r.n = %d", match, bound)
	}
	sql := fmt.Sprintf(`SELECT r.id, r.tenant_id, r.course_id, r.learner_id, r.learner_name, r.created_at, r.n,
			coalesce((SELECT title FROM courses c WHERE c.tenant_id = $1 AND c.id = r.course_id), ''),
			a.id, a.number, a.version, a.result, CASE WHEN a.updated_at > a.created_at THEN a.updated_at END, %s
		FROM (SELECT r.*, row_number() OVER (ORDER BY r.id DESC) AS n FROM (%s) r) r
		LEFT JOIN LATERAL (
			SELECT id, number, version, result, created_at, updated_at FROM attempts a WHERE a.tenant_id = $1 AND a.registration_id = r.id
			ORDER BY a.number DESC LIMIT 1
		) a ON true %s ORDER BY r.id DESC LIMIT %d`, match, named, also, most)
	// Planned anew each time: what is best depends on the words.
	got, err := c.Query(ctx, sql, append([]any{pgx.QueryExecModeExec}, q.args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(got, scanListed)
}

func matching(rows []listedRow) (n int) {
	for _, r := range rows {
		if r.matches {
			n++
		}
	}
	return n
}

// searchedWords is how many words of a search count; the others are left out.
const searchedWords = 8

// wordsQuery is the tsquery for a tenant's rows that have words beginning like those of a text. It makes words as the function
// search_words does.
func wordsQuery(tenantID, text string) (string, error) {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r < 0x80 && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
	if len(words) == 0 {
		return "", fault.New(fault.Invalid, "a search needs a letter or a digit")
	}
	var terms []string
	for _, w := range words[:min(len(words), searchedWords)] {
		terms = append(terms, "'"+tenantID+"/"+w+"':*")
	}
	return strings.Join(terms, " & "), nil
}
