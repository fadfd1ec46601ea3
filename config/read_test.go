package config_test

import (
	"bytes"
	"flag"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/workload"
)

var update = flag.Bool("update", false, "write the problems that are found into testdata")

// TestProblems reads the client files of testdata. Each archive holds folders, a
// folder for each case, with a client file and the problems expected of it, in
// their order and with their lines.
func TestProblems(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, archives)
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		require.NoError(t, err)
		have := &txtar.Archive{Comment: archive.Comment}
		for i := 0; i+1 < len(archive.Files); i += 2 {
			client, problems := archive.Files[i], archive.Files[i+1]
			require.Equal(t, path.Dir(client.Name)+"/problems", problems.Name, "%s: a case is a client file and problems", name)
			problems.Data = []byte(problemsOf(path.Base(client.Name), client.Data))
			have.Files = append(have.Files, client, problems)
		}
		if *update {
			require.NoError(t, os.WriteFile(name, txtar.Format(have), 0o644))
			continue
		}
		require.Equal(t, string(txtar.Format(archive)), string(txtar.Format(have)), "%s; run: go test ./config -update, and read the difference", name)
	}
}

// problemsOf are the problems of a file, with those of its workload, one a line.
func problemsOf(name string, data []byte) string {
	file, problems := config.Parse(name, data)
	_, _, more := workload.For(file)
	problems = append(problems, more...)
	var lines strings.Builder
	for _, problem := range problems.Sorted() {
		lines.WriteString(problem.String() + "\n")
	}
	return lines.String()
}

const minimal = "name: demo\naccount: '111122223333'\nregion: eu-west-1\nworkload: engine\nsize: S\n"

func TestTheFiveKeysAreEnough(t *testing.T) {
	file, problems := config.Parse("demo.yaml", []byte(minimal))
	require.Empty(t, problems)
	_, _, problems = workload.For(file)
	require.Empty(t, problems)
	require.Empty(t, config.Weakenings(file))
	want := config.Default()
	want.Name, want.Account, want.Region, want.Size = "demo", "111122223333", "eu-west-1", "S"
	want.Workload = config.Workload{Kind: "engine"}
	require.Equal(t, want, file.Client)
	require.True(t, file.Stated("size"))
	require.False(t, file.Stated("network.cidr"))
}

func TestAListInTheFileReplacesTheDefault(t *testing.T) {
	file, _ := config.Parse("demo.yaml", []byte(minimal+"edge:\n  waf:\n    managedGroups: [CommonRuleSet]\n"))
	require.Equal(t, []string{"CommonRuleSet"}, file.Client.Edge.WAF.ManagedGroups)
}

func TestProblemFindsTheLineOfTheNearestKey(t *testing.T) {
	file, problems := config.Parse("demo.yaml", []byte(minimal+"network:\n  zones:\n    - eu-west-1a\n    - eu-west-1b\n"))
	require.Empty(t, problems)
	for path, line := range map[string]int{
		"size": 5, "network": 6, "network.zones": 7, "network.zones[1]": 9, "network.zones[7]": 7,
		"network.cidr": 6, "database.class": 1, "": 1,
	} {
		require.Equal(t, line, file.Problem(path, "", "").Line, path)
	}
	require.Equal(t, `demo.yaml:6: network.cidr: "x" is not it; write y`, file.Problem("network.cidr", `"x" is not it`, "write y").String())
}

func TestAHugeFileIsNotRead(t *testing.T) {
	huge := filepath.Join(t.TempDir(), "huge.yaml")
	require.NoError(t, os.WriteFile(huge, append([]byte(minimal), bytes.Repeat([]byte("# filler\n"), 10<<20/9)...), 0o600))
	_, problems := config.Read(huge)
	require.Len(t, problems, 1)
	require.Equal(t, huge+": it has 10.0 MiB, and more than 1 MiB is not read; a client file is a YAML file of some hundred lines", problems[0].String())

	// A device says nothing of its size.
	_, problems = config.Read("/dev/zero")
	require.Len(t, problems, 1)
	require.Equal(t, "it has more than 1 MiB, which is not read", problems[0].Found)
}

func TestWhatIsNoTextIsRefused(t *testing.T) {
	for name, content := range map[string]string{
		"Latin-1": minimal + "tags:\n  town: M\xfcnchen\n",
		"UTF-16":  "\xff\xfen\x00a\x00m\x00e\x00",
	} {
		_, problems := config.Parse("demo.yaml", []byte(content))
		require.Len(t, problems, 1, name)
		require.Equal(t, "the file is not UTF-8 text", problems[0].Found, name)
	}
	_, problems := config.Parse("demo.yaml", []byte("\xef\xbb\xbf"+minimal))
	require.Empty(t, problems, "a byte order mark of UTF-8 is harmless")
	_, problems = config.Parse("demo.yaml", []byte(strings.ReplaceAll(minimal, "\n", "\r\n")))
	require.Empty(t, problems, "so are line ends of Windows")
}

func TestAMissingFileIsAProblem(t *testing.T) {
	_, problems := config.Read("clients/nobody.yaml")
	require.Equal(t, "1 problem:\n  clients/nobody.yaml: there is no such file; a client file is a YAML file of some hundred lines", problems.String())
}

func TestReadDir(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"demo.yaml": minimal, "copy.yaml": minimal, "other.yml": minimal, "notes.txt": "", ".hidden.yaml": "x",
		"empty.yaml": "# nothing yet\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	files, problems := config.ReadDir(dir)
	require.Len(t, files, 3)
	var lines []string
	for _, problem := range problems {
		lines = append(lines, strings.TrimPrefix(problem.String(), dir+"/"))
	}
	require.Equal(t, []string{
		`copy.yaml:1: name: "demo" is not the name of the file, copy; the file is named NAME.yaml; change one of the two`,
		`demo.yaml:1: name: "demo" is also the name in ` + dir + `/copy.yaml; every client has its own name`,
		"empty.yaml:1: the file is empty; `lectern client new NAME` writes a complete one",
		`other.yml: a client file ends in .yaml, not .yml; rename it to other.yaml`,
	}, lines)
	require.ErrorContains(t, problems.Err(), "4 problems:\n")
	require.NoError(t, config.Problems(nil).Err())

	_, problems = config.ReadDir(filepath.Join(dir, "none"))
	require.Len(t, problems, 1)
}

func TestReferenceClientsHaveNoProblems(t *testing.T) {
	files, problems := config.ReadDir("clients")
	require.Empty(t, problems)
	var names, weakened []string
	for _, file := range files {
		names = append(names, file.Client.Name)
		for _, weakening := range config.Weakenings(file) {
			weakened = append(weakened, file.Client.Name+" "+weakening.Path+" "+weakening.Found+" instead of "+weakening.Safe)
			require.NotEmpty(t, weakening.Reason)
		}
	}
	require.Subset(t, names, []string{"codedeploy", "demo", "gitapp", "scorm-api", "scorm-engine"})
	require.Equal(t, []string{"demo network.natGateways 1 instead of 2 or more"}, weakened)
}

func TestControlCharactersAreRefused(t *testing.T) {
	_, problems := config.Parse("demo.yaml", []byte(minimal+"tags:\n  bell: \"\x07\"\n"))
	require.Len(t, problems, 1)
	require.Equal(t, "demo.yaml:7: there is the control character U+0007; remove it", problems[0].String())
}

func TestALongReportIsCutShort(t *testing.T) {
	_, problems := config.Parse("demo.yaml", []byte(minimal+strings.Repeat("colour: red\n", 1000)))
	require.Len(t, problems, 1000)
	report := problems.String()
	require.Equal(t, 202, strings.Count(report, "\n")+1)
	require.True(t, strings.HasSuffix(report, "\n  … and 800 more"))
}
