package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/config"
)

func (c *cli) regions() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "regions",
		Short: "List the regions that are known, with zones and CloudFront prefix list",
		Args:  cobra.NoArgs,
		RunE:  verb(func([]string) error { return c.runRegions(asJSON) }),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

// region is a row of regions.
type region struct {
	Name         string   `json:"name"`
	Zones        []string `json:"zones"`
	DefaultZones []string `json:"defaultZones"`
	PrefixList   string   `json:"prefixList"`
}

func (c *cli) runRegions(asJSON bool) error {
	var rows []region
	for _, r := range config.Regions() {
		rows = append(rows, region{r.Name, r.Zones(), append([]string{}, r.DefaultZones()...), r.PrefixList})
	}
	if asJSON {
		return c.printJSON(rows)
	}
	t := newTable(c.out)
	t.row("region", "zones", "by default", "CloudFront prefix list")
	for _, r := range rows {
		t.row(r.Name, letters(r.Zones), pick(len(r.DefaultZones) > 0, letters(r.DefaultZones), "state network.zones"), pick(r.PrefixList != "", r.PrefixList, "state edge.originPrefixList"))
	}
	return t.flush()
}

// letters of zones: "a b c".
func letters(zones []string) string {
	var all []string
	for _, zone := range zones {
		all = append(all, zone[len(zone)-1:])
	}
	return strings.Join(all, " ")
}
