package main

import (
	"fmt"
	"io"
	"strings"
)

// printHolding is holds for people: stacks, what is in them in short, what is left over in
// full, and the ways back.
func printHolding(out io.Writer, h holding) error {
	if len(h.Stacks)+len(h.Resources) == 0 {
		_, err := fmt.Fprintf(out, "Nothing of %s is in %s.\n", h.Client, strings.Join(h.Regions, " or "))
		return err
	}
	t := newTable(out)
	t.row("stack", "region", "status", "protected", "resources", "with data", "billed")
	for _, s := range h.Stacks {
		in := func(is func(heldResource) bool) string {
			return fmt.Sprint(countIf(h.Resources, func(r heldResource) bool { return !r.Left && r.Stack == s.Name && r.Region == s.Region && is(r) }))
		}
		t.row(s.Name, s.Region, s.Status, pick(s.Protected, "yes", "no"), in(func(heldResource) bool { return true }),
			in(func(r heldResource) bool { return r.Data }), in(func(r heldResource) bool { return r.Bills }))
	}
	if err := t.flush(); err != nil {
		return err
	}
	if err := printLeft(out, h); err != nil {
		return err
	}
	for _, s := range h.Stacks {
		printStack(out, s)
	}
	return nil
}

func printLeft(out io.Writer, h holding) error {
	left := h.left()
	if len(left) == 0 {
		_, err := fmt.Fprintln(out, "\nNothing is left over without a stack.")
		return err
	}
	fmt.Fprintf(out, "\n%s left over without a stack; the ones with data were kept on purpose, and deleting them is for people to decide:\n",
		pick(len(left) == 1, "1 resource is", fmt.Sprintf("%d resources are", len(left))))
	t := newTable(out)
	t.row("type", "holds data", "billed", "from stack", "logical id", "ARN")
	for _, r := range left {
		t.row(r.Type, pick(r.Data, "yes", "no"), pick(r.Bills, "yes", "no"), r.Stack, r.LogicalID, r.ID)
	}
	return t.flush()
}

func printStack(out io.Writer, s heldStack) {
	if !failed(s.Status) {
		return
	}
	fmt.Fprintf(out, "\n%s (%s) is %s", s.Name, s.Region, s.Status)
	if s.Reason != "" {
		fmt.Fprintf(out, "\n  because of %s", s.Reason)
	}
	if !s.Stuck {
		fmt.Fprint(out, "\n  way back: remove the cause and deploy again\n")
		return
	}
	fmt.Fprintf(out, "\n  way back (%s):\n", s.Section)
	for _, command := range s.WayBack {
		fmt.Fprintf(out, "    %s\n", command)
	}
}
