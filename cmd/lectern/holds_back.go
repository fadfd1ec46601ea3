package main

import (
	"fmt"
	"strings"

	"github.com/lectern/lectern/docs/procedures"
)

// failed is whether the last operation of a stack failed, undone or not.
func failed(status string) bool {
	return strings.HasSuffix(status, "_FAILED") || strings.HasSuffix(status, "ROLLBACK_COMPLETE")
}

// findWayBack says whether a stack can simply be deployed again, and if not, what the procedure
// for its status is. `cdk deploy` deletes a stack in ROLLBACK_COMPLETE itself, unless that is
// protected against termination.
func (s *heldStack) findWayBack(client string) error {
	commands, err := procedures.Read(procedures.FailedDeployment)
	if err != nil {
		return err
	}
	heading, lines := commands.Under(s.Status)
	if heading == "" || (s.Status == "ROLLBACK_COMPLETE" && !s.Protected) {
		return nil
	}
	s.Stuck = true
	s.Section = "docs/procedures/" + procedures.FailedDeployment + "#" + procedures.Anchor(heading)
	s.WayBack = append([]string{fmt.Sprintf("export CLIENT=%s AWS_REGION=%s STACK=%s", client, s.Region, s.Name)}, lines...)
	return nil
}
