package facts

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"text/template"

	"github.com/lectern/lectern/runtime/contract"
)

// SecretFunc reads a field of a secret, or all of its text when field is "". It must not put a value into an error.
type SecretFunc func(name, field string) (string, error)

// Render fills in a template that may not ask for secrets.
func (f Facts) Render(text string) (string, error) {
	return f.RenderWith(text, func(name, _ string) (string, error) {
		return "", fmt.Errorf("secret %q is asked for here; secrets belong only into values of the environment", name)
	})
}

// RenderWith fills in a template that may also say {{secret "database" "password"}}, which is whatever secret returns.
// An error quotes the template, never what a secret is.
func (f Facts) RenderWith(text string, secret func(name, field string) (string, error)) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	t, err := template.New("recipe").Option("missingkey=error").Funcs(f.functions(secret)).Parse(text)
	if err != nil {
		return "", fmt.Errorf("template %s: %w", excerpt(text), err)
	}
	var out strings.Builder
	if err := t.Execute(&out, f); err != nil {
		return "", fmt.Errorf("template %s: %w", excerpt(text), err)
	}
	return out.String(), nil
}

// excerpt is the beginning of a template, enough to find it in the recipe.
func excerpt(text string) string {
	const enough = 80
	if len(text) > enough {
		text = text[:enough] + "…"
	}
	return fmt.Sprintf("%q", text)
}

func (f Facts) functions(secret SecretFunc) template.FuncMap {
	return template.FuncMap{
		"add": func(a, b int) int { return a + b },
		"sub": func(a, b int) int { return a - b },
		"mul": func(a, b int) int { return a * b },
		"div": func(a, b int) (int, error) {
			if b == 0 {
				return 0, errors.New("division by zero")
			}
			return a / b, nil
		},
		"min":        func(a int, more ...int) int { return slices.Min(append(more, a)) },
		"max":        func(a int, more ...int) int { return slices.Max(append(more, a)) },
		"host":       hostOf,
		"memcached":  f.memcached,
		"shellquote": ShellQuote,
		"secret":     secret,
	}
}

// hostOf says nothing about what it was given in its error: that may be a secret.
func hostOf(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return "", errors.New("this is no URL with a host; one such as https://learn.example.com is wanted")
	}
	return u.Hostname(), nil
}

func (f Facts) memcached(name string) (string, error) {
	var known []string
	if f.Cache.Engine == contract.CacheMemcached {
		for _, c := range f.Cache.Clusters {
			if c.Name == name {
				return net.JoinHostPort(c.Host, c.Port), nil
			}
			known = append(known, c.Name)
		}
	}
	return "", fmt.Errorf("there is no Memcached cluster %q; there are: %s", name, strings.Join(known, ", "))
}

// ShellQuote makes text one word for sh.
func ShellQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
