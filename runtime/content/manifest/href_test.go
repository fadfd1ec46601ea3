package manifest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParametersGoWhereBrowsersLookForThem(t *testing.T) {
	for _, c := range []struct{ launch, parameters, want string }{
		{"a.html", "", "a.html"},
		{"a.html", " ?x=1 ", "a.html?x=1"},
		{"a.html", "x=1", "a.html?x=1"},
		{"a.html", "?&x=1", "a.html?x=1"},
		{"a.html?y=2", "?x=1", "a.html?y=2&x=1"},
		{"a.html#top", "x=1", "a.html?x=1#top"},
		{"a.html?y=2#top", "&x=1", "a.html?y=2&x=1#top"},
		{"a.html", "#end", "a.html#end"},
		{"a.html#top", "#end", "a.html#top"},
		{"https://example.com/?y=2", "x=1", "https://example.com/?y=2&x=1"},
	} {
		require.Equal(t, c.want, withParameters(c.launch, c.parameters), "%q with %q", c.launch, c.parameters)
	}
}

func TestURLsOfAManifestLeadToRealFiles(t *testing.T) {
	files := newFileIndex([]string{
		"x/a b.html", "x/Grün.html", "x/50%.html", "x/C#1.html", "x/q?.html", "x/deep/er.html", "outside.html",
	}, "x/")
	for _, c := range []struct{ base, href, want string }{
		{"", "a b.html", "a%20b.html"},
		{"", "a%20b.html", "a%20b.html"},
		{"", "./A%20B.HTML?x=1#y", "a%20b.html?x=1#y"},
		{"", "Gru\u0308n.html", "Gr%C3%BCn.html"}, // as macOS spells it
		{"", "Gr%C3%BCn.html", "Gr%C3%BCn.html"},
		{"", "gr%FCn.html", "Gr%C3%BCn.html"},
		{"", "50%.html", "50%25.html"},
		{"", "50%25.html", "50%25.html"},
		{"", "C#1.html", "C%231.html"},
		{"", "q?.html", "q%3F.html"},
		{"", `deep\er.html`, "deep/er.html"},
		{"", "deep%5Cer.html", "deep/er.html"},
		{"", "deep/../a b.html", "a%20b.html"},
		{"", "/a b.html", "a%20b.html"},
		{"deep/", "er.html", "deep/er.html"},
		{"deep", "er.html", "deep/er.html"},
		{"deep/", "../a b.html", "a%20b.html"},
		{"deep/", "https://example.com/a", "https://example.com/a"},
		{"https://example.com/base/", "a.html", "https://example.com/base/a.html"},
	} {
		found := source{findings: &findings{}}
		ref, ok := files.resolve(c.base, c.href, 1, found)
		require.True(t, ok, c.href)
		require.False(t, ref.missing, c.href)
		require.Equal(t, c.want, ref.launch, "%q in %q", c.href, c.base)
		require.False(t, found.refused())
	}
}

func TestURLsThatLeadNowhereGoodAreRefused(t *testing.T) {
	files := newFileIndex([]string{"a.html"}, "")
	for _, c := range []struct{ base, href, rule string }{
		{"", "../a.html", "href.escapes"},
		{"", "%2e%2e/a.html", "href.escapes"},
		{"", `..\a.html`, "href.escapes"},
		{"../", "a.html", "href.escapes"},
		{"", "x/../../a.html", "href.escapes"},
		{"", "JavaScript:alert(1)", "href.scheme"},
		{"javascript:", "alert(1)", "href.scheme"},
		{"", "data:text/html,x", "href.scheme"},
		{"", `C:\course\a.html`, "href.scheme"},
		{"", "file:///etc/passwd", "href.scheme"},
		{"", "http://", "href.invalid"},
		{"", "http://a b/", "href.invalid"},
		{"", "//", "href.invalid"},
	} {
		found := source{findings: &findings{}}
		_, ok := files.resolve(c.base, c.href, 1, found)
		require.False(t, ok, c.href)
		require.Equal(t, c.rule, found.sorted()[0].Rule, c.href)
	}
	for _, href := range []string{"b.html", "java\nscript:alert(1)", "a.html/x", "", "%zz"} {
		ref, ok := files.resolve("", href, 1, source{findings: &findings{}})
		require.True(t, ok, href)
		require.True(t, ref.missing, href)
	}
}
