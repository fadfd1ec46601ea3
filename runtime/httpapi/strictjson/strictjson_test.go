package strictjson_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/httpapi/strictjson"
)

func TestWhatIsUnfitToBeDecoded(t *testing.T) {
	for _, fit := range []string{``, `{}`, `"{[{["`, `"\"{"`, strings.Repeat("[", 32), `"\\"`, `[[],[]]`} {
		require.Empty(t, strictjson.Unfit([]byte(fit)), fit)
	}
	for _, bad := range []string{"\xff", "\"\xc3\"", strings.Repeat("[", 33), strings.Repeat(`{"a":`, 33), `"\\"` + strings.Repeat("[", 33)} {
		require.NotEmpty(t, strictjson.Unfit([]byte(bad)), bad)
	}
}

func TestAnEscapedNULIsFound(t *testing.T) {
	for _, bad := range []string{`"\u0000"`, `"a\u0000b"`, `"\\\u0000"`, `"\\u0000\u0000"`} {
		require.True(t, strictjson.HoldsNUL([]byte(bad)), bad)
	}
	for _, fine := range []string{``, `"\u0001"`, `"\\u0000"`, `"\\\\u0000"`, `"u0000"`} {
		require.False(t, strictjson.HoldsNUL([]byte(fine)), fine)
	}
}

func TestOnlyOneValueWithKnownFieldsIsDecoded(t *testing.T) {
	var v struct{ A int }
	require.NoError(t, strictjson.Decode([]byte(` {"A":1} `), &v))
	require.Equal(t, 1, v.A)
	for _, bad := range []string{``, `{"A":1,"B":2}`, `{"A":1}{}`, `{"A":1}x`, `{"A":`, `{"A":"1"}`} {
		require.Error(t, strictjson.Decode([]byte(bad), &v), bad)
	}
}
