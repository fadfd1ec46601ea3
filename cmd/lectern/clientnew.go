package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/config/workload"
)

// answers are what a new client file says.
type answers struct {
	name, account, region, workload, size string
	cidr                                  string
	domain, zoneID                        string
	zones                                 []string
	prefixList                            string
	// set are further keys by path, with their values.
	set map[string]any
}

func (c *cli) clientNew() *cobra.Command {
	var a answers
	var set []string
	cmd := &cobra.Command{
		Use:   "new NAME --account ID --region REGION",
		Short: "Write a complete, commented client file with a free network range",
		Long: `Write a complete client file: what you say, a network range that no other client
has, and every other key commented out with its meaning and its default. Nothing
is overwritten, and nothing is written that check would refuse.`,
		Example: "  lectern client new academy --account 111122223333 --region eu-west-1 --size M --domain learn.example.com --zone-id Z0123456789ABCDEFGHIJ",
		Args:    cobra.ExactArgs(1),
		RunE: verb(func(args []string) error {
			a.name = args[0]
			var err error
			if a.set, err = settings(set); err != nil {
				return err
			}
			return c.runClientNew(a)
		}),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.StringVar(&a.account, "account", "", "AWS account, 12 digits (required)")
	flags.StringVar(&a.region, "region", "", "AWS region (required)")
	flags.StringVar(&a.workload, "workload", "engine", "what the instances run: "+strings.Join(workload.Names(), ", "))
	flags.StringVar(&a.size, "size", "S", "size of instances, database and cache: "+strings.Join(sizes(), ", "))
	flags.StringVar(&a.domain, "domain", "", "host name learners use (default CloudFront's own)")
	flags.StringVar(&a.zoneID, "zone-id", "", "Route 53 hosted zone that holds the host name")
	flags.StringSliceVar(&a.zones, "zones", nil, "availability zones, where the first three of the region will not do")
	flags.StringVar(&a.prefixList, "prefix-list", "", "id of CloudFront's prefix list, where `lectern regions` does not know it")
	flags.StringArrayVar(&set, "set", nil, "another key and its value, for example database.engine=mysql; may be repeated")
	for name, values := range map[string][]string{"region": config.RegionNames(), "workload": workload.Names(), "size": sizes()} {
		// Only an unknown flag makes this fail.
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	for _, name := range []string{"account", "region"} {
		_ = cmd.MarkFlagRequired(name) // likewise
	}
	return cmd
}

// settings are PATH=VALUE each, the value as in a client file.
func settings(set []string) (map[string]any, error) {
	found := map[string]any{}
	for _, one := range set {
		path, text, ok := strings.Cut(one, "=")
		if !ok {
			return nil, fmt.Errorf("--set %s: there is no value; write it as KEY=VALUE, for example database.engine=mysql", one)
		}
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			return nil, fmt.Errorf("--set %s: %q is not YAML: %w", path, text, err)
		}
		found[path] = value
	}
	return found, nil
}

func sizes() []string {
	var names []string
	for _, tier := range plan.Tiers() {
		names = append(names, tier.Name)
	}
	return names
}

func (c *cli) runClientNew(a answers) error {
	path := filepath.Join(c.clients, a.name+".yaml")
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s is there already, and nothing is overwritten; choose another name or edit it", path)
	}
	others, _ := config.ReadDir(c.clients) // their problems are not this client's
	free, ok := plan.FreeCIDR(a.name, plan.Ranges(others))
	if !ok {
		return errors.New("all 240 network ranges are taken; write a client file with a smaller network.cidr by hand")
	}
	a.cidr = free.String()
	// The first writing finds out what follows from the answers, for the second.
	text, err := clientFile(a, nil)
	if err != nil {
		return err
	}
	f, _ := config.Parse(path, text)
	p, _ := plan.Resolve(f) // Together reports the problems
	if text, err = clientFile(a, decided(p)); err != nil {
		return err
	}
	f, problems := config.Parse(path, text)
	for key := range a.set {
		if !f.Stated(key) {
			return fmt.Errorf("--set %s: there is no such key; docs/reference/client-file.md has them all", key)
		}
	}
	_, problems = plan.Together(append(others, f), problems)
	problems = slices.DeleteFunc(problems, func(p config.Problem) bool { return p.File != path })
	if len(problems) > 0 {
		fmt.Fprintln(c.talk, "nothing is written, because the file would have")
		return c.tell(unplaced(problems))
	}
	if err := writeNew(path, text); err != nil {
		return err
	}
	fmt.Fprintln(c.out, path)
	c.next(p)
	return nil
}

// unplaced are problems of a file that is not there: a line would send the person
// looking for it.
func unplaced(problems config.Problems) config.Problems {
	for i := range problems {
		problems[i].Line = 0
	}
	return problems
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making the directory of client files: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s has just been written by someone else", path)
	}
	if err != nil {
		return fmt.Errorf("writing the client file: %w", err)
	}
	if _, err := file.Write(content); err != nil {
		file.Close()
		return fmt.Errorf("writing the client file: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("writing the client file: %w", err)
	}
	return nil
}

// next says how an environment comes from the file.
func (c *cli) next(p plan.Plan) {
	regions := []string{}
	for _, s := range p.Stacks {
		if target := "aws://" + p.Account + "/" + s.Region; !slices.Contains(regions, target) {
			regions = append(regions, target)
		}
	}
	fmt.Fprintf(c.talk, `
Next:
  lectern plan %[1]s
      shows what it means; edit the file until it is what you want, and have it reviewed
  make synth CLIENT=%[1]s
      writes every template into cdk.out
  npx cdk bootstrap -c client=%[1]s %[2]s
      once for each account and region
  npx cdk diff -c client=%[1]s --all
  npx cdk deploy -c client=%[1]s --all
      stands it up
`, p.Client, strings.Join(regions, " "))
}
