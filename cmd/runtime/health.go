package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
)

func newHealth() *cobra.Command {
	var port int
	c := &cobra.Command{
		Use:   "health",
		Short: "Ask the instance how it is; exit 0 when it wants traffic, 1 when it does not",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			url := fmt.Sprintf("http://127.0.0.1:%d%s", port, contract.HealthPath)
			status, says := host.AskHealth(cmd.Context(), url)
			if status == 0 {
				return fmt.Errorf("%s: %s", url, says)
			}
			fmt.Fprintln(cmd.OutOrStdout(), says)
			if status != http.StatusOK {
				return errors.New("it wants no traffic")
			}
			return nil
		},
	}
	c.Flags().IntVar(&port, "port", contract.DefaultPort, "TCP port of the instance")
	return c
}
