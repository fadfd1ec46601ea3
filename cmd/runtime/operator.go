package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/tenant"
)

// newTenant is what operators do with tenants, on an instance: they have no other way in.
func newTenant(out io.Writer) *cobra.Command {
	c := &cobra.Command{Use: "tenant", Short: "Tenants of this environment"}
	var s source
	var name string
	add := &cobra.Command{
		Use: "add ID", Short: "Make a tenant; ID is in its courses' addresses and cannot change",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id := args[0]
			if !tenant.ValidID(id) {
				return fmt.Errorf("%q is no tenant id; use 1 to 40 lower-case letters, digits and inner hyphens", id)
			}
			c, err := s.read(cmd.Context())
			if err != nil {
				return err
			}
			players, err := launch.NewPlayers(c.PlayerURL, c.PublicURL)
			if err != nil {
				return err
			}
			return s.withDatabase(cmd.Context(), func(db *postgres.DB) error {
				create := db.CreateTenant
				if !players.Many() {
					create = db.CreateOnlyTenant
				}
				if err := create(cmd.Context(), tenant.Tenant{ID: id, Name: cmp.Or(name, id), CreatedAt: time.Now()}); err != nil {
					return err
				}
				_, err := fmt.Fprintln(out, id)
				return err
			})
		},
	}
	add.Flags().StringVar(&name, "name", "", "name for people (default the ID)")
	list := &cobra.Command{
		Use: "list", Short: "List the tenants", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withDatabase(cmd.Context(), func(db *postgres.DB) error {
				all, err := db.Tenants(cmd.Context())
				for _, t := range all {
					fmt.Fprintf(out, "%s\t%s\t%s\n", t.ID, t.CreatedAt.Format(time.DateOnly), t.Name)
				}
				return err
			})
		},
	}
	quota := &cobra.Command{
		Use: "quota ID NAME=NUMBER …", Short: "Set how much a tenant may have: storageBytes, courses, registrations, keys, webhooks, imports",
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			quotas, err := parseQuotas(args[1:])
			if err != nil {
				return err
			}
			return s.withDatabase(cmd.Context(), func(db *postgres.DB) error { return db.SetQuotas(cmd.Context(), args[0], quotas) })
		},
	}
	s.addFlags(add)
	s.addFlags(list)
	s.addFlags(quota)
	c.AddCommand(add, list, quota, eraseTenant(out), tenantReceipt(out))
	return c
}

// newKey makes a tenant's first key; the tenant makes the others by the API.
func newKey(out io.Writer) *cobra.Command {
	c := &cobra.Command{Use: "key", Short: "Keys of a tenant's API"}
	var s source
	var name string
	var scopes []string
	add := &cobra.Command{
		Use: "add TENANT", Short: "Make a key and print it: it is shown this once",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			wanted, err := parseScopes(scopes)
			if err != nil {
				return err
			}
			return s.withDatabase(cmd.Context(), func(db *postgres.DB) error {
				text, err := addKey(cmd.Context(), db, args[0], name, wanted)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(out, text)
				return err
			})
		},
	}
	add.Flags().StringVar(&name, "name", "operator", "what uses it")
	add.Flags().StringSliceVar(&scopes, "scope", strings.Split(tenant.JoinScopes(tenant.AllScopes()), ", "), "what it may do: "+tenant.JoinScopes(tenant.AllScopes()))
	s.addFlags(add)
	c.AddCommand(add)
	return c
}

func parseQuotas(words []string) (tenant.Quotas, error) {
	quotas := tenant.Quotas{}
	known := tenant.DefaultQuotas()
	for _, w := range words {
		name, number, _ := strings.Cut(w, "=")
		n, err := strconv.ParseInt(number, 10, 64)
		if _, ok := known[tenant.Quota(name)]; !ok || err != nil || n < 0 {
			return nil, fmt.Errorf("%q sets no quota; use NAME=NUMBER with one of %v", w, slices.Sorted(maps.Keys(known)))
		}
		quotas[tenant.Quota(name)] = n
	}
	return quotas, nil
}

func parseScopes(words []string) ([]tenant.Scope, error) {
	var scopes []tenant.Scope
	for _, w := range words {
		if !slices.Contains(tenant.AllScopes(), tenant.Scope(w)) {
			return nil, fmt.Errorf("--scope %q is not known; use %s", w, tenant.JoinScopes(tenant.AllScopes()))
		}
		scopes = append(scopes, tenant.Scope(w))
	}
	return scopes, nil
}

func addKey(ctx context.Context, db *postgres.DB, tenantID, name string, scopes []tenant.Scope) (string, error) {
	all, err := db.Tenants(ctx)
	if err != nil {
		return "", err
	}
	for _, t := range all {
		if t.ID == tenantID {
			k, text, hash := tenant.NewKey(tenantID, name, scopes, time.Now(), nil)
			return text, db.CreateKey(ctx, k, hash)
		}
	}
	return "", fault.New(fault.NotFound, "there is no tenant %q; make it with: tenant add %s", tenantID, tenantID)
}
