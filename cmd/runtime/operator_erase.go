package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/postgres"
)

// eraseTenant writes down that a tenant is to be erased; the workers do it.
func eraseTenant(out io.Writer) *cobra.Command {
	var s source
	var confirmed string
	c := &cobra.Command{
		Use:   "erase ID",
		Short: "Erase a tenant with everything it has; its keys end at once, and the workers do the rest",
		Long: `Writes down that the tenant is to be erased, ends its keys and prints the erasure's id. The workers remove its
registrations, courses, webhooks, events and objects, and survive being killed meanwhile. Asking again prints the same id.
The id of the tenant can be given to another when the erasure has finished: see tenant receipt.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if confirmed != args[0] {
				return fmt.Errorf("this cannot be undone: repeat the tenant's id with --confirm %s", args[0])
			}
			return s.withDatabase(cmd.Context(), func(db *postgres.DB) error {
				e, err := db.BeginErasure(cmd.Context(), erasure.Erasure{
					ID: newID(), TenantID: args[0], Kind: erasure.Tenant, Subject: args[0], RequestedBy: "operator",
				}, true)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(out, e.ID)
				return err
			})
		},
	}
	c.Flags().StringVar(&confirmed, "confirm", "", "the tenant's id once more")
	s.addFlags(c)
	return c
}

// tenantReceipt is for a tenant that has no keys any more.
func tenantReceipt(out io.Writer) *cobra.Command {
	var s source
	c := &cobra.Command{
		Use:   "receipt TENANT ERASURE",
		Short: "How far an erasure is, and the receipt once it has finished, as JSON",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := s.read(cmd.Context())
			if err != nil {
				return err
			}
			return s.withDatabase(cmd.Context(), func(db *postgres.DB) error {
				e, err := db.Erasure(cmd.Context(), args[0], args[1])
				if err != nil {
					return err
				}
				return writeReceipt(out, e, keeps(config))
			})
		},
	}
	s.addFlags(c)
	return c
}

func writeReceipt(out io.Writer, e erasure.Erasure, k erasure.Keeps) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		erasure.Erasure
		Remains []erasure.Remain `json:"remains"`
	}{e, e.Remains(k)})
}

// keeps is what the infrastructure says of backups and logs.
func keeps(c contract.Config) erasure.Keeps {
	return erasure.Keeps{BackupDays: c.Keeps.BackupDays, ObjectVersionDays: c.Keeps.ObjectVersionDays, LogDays: c.Keeps.LogDays}
}
