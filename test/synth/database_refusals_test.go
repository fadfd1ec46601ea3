package synth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/database"
)

func TestDatabaseRefusesWhatRDSHasNot(t *testing.T) {
	for name, bad := range map[string]struct {
		base   string
		change func(*database.Props)
		says   string
	}{
		"replica of an instance": {"instance-postgres", func(p *database.Props) { p.Readers = 1 }, "choose cluster or aurora"},
		"iops on small gp3":      {"instance-postgres", func(p *database.Props) { p.IOPS = 6000 }, "below 400 GiB"},
		"max below storage":      {"instance-postgres", func(p *database.Props) { p.MaxStorageGiB = 105 }, "at least a tenth above"},
		"cluster of mariadb":     {"cluster-postgres", func(p *database.Props) { p.Engine = database.MariaDB }, "postgres or mysql"},
		"cluster in two zones":   {"cluster-postgres", func(p *database.Props) { p.SubnetIDs = p.SubnetIDs[:2] }, "three zones"},
		"cluster on small gp3":   {"cluster-postgres", func(p *database.Props) { p.StorageType = "gp3" }, "from 400 GiB"},
		"aurora of mariadb":      {"aurora-postgres", func(p *database.Props) { p.Engine = database.MariaDB }, "no Aurora mariadb"},
		"aurora with storage":    {"aurora-postgres", func(p *database.Props) { p.StorageGiB = 100 }, "not provisioned"},
		"capacity in thirds":     {"aurora-serverless-postgres", func(p *database.Props) { p.MinACU = 0.7 }, "steps of 0.5"},
		"min above max":          {"aurora-serverless-postgres", func(p *database.Props) { p.MinACU = 32 }, "min ≤ max"},
		"no backups":             {"aurora-postgres", func(p *database.Props) { p.BackupRetentionDays = 0 }, "1 to 35"},
		"deployment":             {"aurora-postgres", func(p *database.Props) { p.Deployment = "mainframe" }, "is none of"},
	} {
		t.Run(name, func(t *testing.T) {
			_, stack := newStack(t)
			p := databaseProps(stack, databaseCases[bad.base])
			bad.change(&p)
			defer func() { require.Contains(t, recover(), bad.says) }()
			database.New(stack, "Database", p)
		})
	}
}
