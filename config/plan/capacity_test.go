package plan

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestArchitecture(t *testing.T) {
	for instanceType, want := range map[string]string{
		"t4g.micro": "arm64", "c7gn.large": "arm64", "m7gd.xlarge": "arm64", "x2gd.medium": "arm64", "im4gn.large": "arm64", "is4gen.large": "arm64", "a1.large": "arm64", "g5g.xlarge": "arm64",
		"t3.micro": "amd64", "m7i.large": "amd64", "m7i-flex.large": "amd64", "c7a.large": "amd64", "g5.xlarge": "amd64", "r6idn.large": "amd64",
	} {
		require.Equal(t, want, architecture(instanceType), instanceType)
	}
}
