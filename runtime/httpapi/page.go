package httpapi

import (
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/postgres"
)

// Paging is the input of lists.
type Paging struct {
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many to return at most."`
	After string `query:"after" maxLength:"500" doc:"The next of the previous page."`

	url url.URL
}

// Resolve remembers the address, for the link to the next page. It implements huma.Resolver.
func (p *Paging) Resolve(ctx huma.Context) []error {
	p.url = ctx.URL()
	return nil
}

func (p *Paging) page() postgres.Page { return postgres.Page{After: p.After, Limit: p.Limit} }

// listOutput is the answer of lists.
type listOutput[T any] struct {
	Link string `header:"Link" doc:"The next page as rel=next (RFC 8288), if there is one."`
	Body listOf[T]
}

type listOf[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"What to send as after for the next page; missing at the end."`
}

func listed[T any](p *Paging, l postgres.List[T], err error) (*listOutput[T], error) {
	if err != nil {
		return nil, err
	}
	out := &listOutput[T]{Body: listOf[T]{Items: l.Items, Next: l.Next}}
	if out.Body.Items == nil {
		out.Body.Items = []T{}
	}
	if l.Next != "" {
		q := p.url.Query()
		q.Set("after", l.Next)
		out.Link = "<" + p.url.Path + "?" + q.Encode() + `>; rel="next"`
	}
	return out, nil
}

// body wraps what has no headers of its own.
type body[T any] struct{ Body T }

func found[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{v}, nil
}

// created is the answer to what made something.
type created[T any] struct {
	Location string `header:"Location"`
	Body     T
}
