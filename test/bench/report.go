package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
)

// Report is everything one run of the command found.
type Report struct {
	Reference  string      `json:"reference"`
	Machine    Machine     `json:"machine"`
	MemoryNote string      `json:"memoryNote"`
	Floors     []Agreement `json:"floors"`
	Rows       []Row       `json:"rows"`
	Aims       []Aim       `json:"aims"`
	Breakdowns []Breakdown `json:"breakdowns"`
}

// Machine says under which circumstances the figures came about.
type Machine struct {
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	CPUs       int    `json:"cpus"`
	LoadBefore string `json:"loadBefore"`
	LoadAfter  string `json:"loadAfter"`
}

func describeMachine() Machine {
	return Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), LoadBefore: loadAverage()}
}

// Aim is what was wanted and what came out.
type Aim struct {
	Name       string  `json:"name"`
	Validation bool    `json:"validation"`
	Limit      float64 `json:"limit"`
	Found      float64 `json:"found"`
	OK         bool    `json:"ok"`
}

// compare works out the cost of each further client, and whether the aims are met.
func (r *Report) compare() {
	for _, validation := range []bool{false, true} {
		var rows []*Row
		for i := range r.Rows {
			if r.Rows[i].Validation == validation {
				rows = append(rows, &r.Rows[i])
			}
		}
		first, last := rows[0], rows[len(rows)-1]
		for _, row := range rows[1:] {
			more := float64(row.Clients - first.Clients)
			row.PerFurther = new((row.App.Seconds - first.App.Seconds) / more)
			row.FloorPerFurther = new((row.Floor.Seconds - first.Floor.Seconds) / more)
		}
		r.aim(validation, fmt.Sprintf("wall time of %d, times the floor", first.Clients), aimRatio, first.Ratio)
		if last.PerFurther != nil {
			r.aim(validation, fmt.Sprintf("seconds for each further client, up to %d", last.Clients), aimPerFurther, *last.PerFurther)
		}
		r.aim(validation, fmt.Sprintf("peak memory of %d in MB", last.Clients), aimPeakMB, last.App.sumMB())
	}
}

func (r *Report) aim(validation bool, name string, limit, found float64) {
	r.Aims = append(r.Aims, Aim{Name: name, Validation: validation, Limit: limit, Found: found, OK: found <= limit})
}

func (r Report) print(out io.Writer) {
	m := r.Machine
	fmt.Fprintf(out, "Synthesis of copies of %s · %s/%s, %d CPUs, load average %s before and %s after\n", r.Reference, m.OS, m.Arch, m.CPUs, m.LoadBefore, m.LoadAfter)
	fmt.Fprintf(out, "%s\n\n", r.MemoryNote)
	for _, f := range r.Floors {
		fmt.Fprintf(out, "floor for %d: %d stacks, %d resources as the app's, properties of %d equal", f.Clients, f.Stacks, f.Resources, f.EqualProperties)
		if len(f.Different) > 0 {
			fmt.Fprintf(out, "; not of %v", f.Different)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintln(out)
	r.printRows(out)
	r.printAims(out)
	for _, b := range r.Breakdowns {
		b.print(out)
	}
}

func (r Report) printRows(out io.Writer) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "validation\tclients\truns\twall s\ts/further\tGo MB\tNode MB\tsum MB\tfloor s\ts/further\tfloor MB\tratio\t")
	for _, row := range r.Rows {
		fmt.Fprintf(t, "%s\t%d\t%d\t%.2f\t%s\t%.0f\t%.0f\t%.0f\t%.2f\t%s\t%.0f\t%.2f\t\n",
			onOff(row.Validation), row.Clients, row.Runs, row.App.Seconds, further(row.PerFurther), row.App.OwnMB, row.App.ChildrenMB, row.App.sumMB(),
			row.Floor.Seconds, further(row.FloorPerFurther), row.Floor.sumMB(), row.Ratio)
	}
	_ = t.Flush()
	fmt.Fprintln(out)
}

func further(seconds *float64) string {
	if seconds == nil {
		return "–"
	}
	return fmt.Sprintf("%.3f", *seconds)
}

func (r Report) printAims(out io.Writer) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "aim\tvalidation\tat most\tfound\t")
	for _, a := range r.Aims {
		verdict := "ok"
		if !a.OK {
			verdict = "MISSED"
		}
		fmt.Fprintf(t, "%s\t%s\t%.4g\t%.4g\t%s\n", a.Name, onOff(a.Validation), a.Limit, a.Found, verdict)
	}
	_ = t.Flush()
}

func (b Breakdown) print(out io.Writer) {
	fmt.Fprintf(out, "\nWhat dominates: clients %d, validation %s, %.2f s in one run with the jsii calls listened to\n", b.Clients, onOff(b.Validation), b.Seconds)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, s := range b.Steps {
		fmt.Fprintf(t, "%.3f s\t%.0f %%\t\t %s\n", s.Seconds, 100*s.Seconds/b.Seconds, s.Name)
	}
	_ = t.Flush()
	if b.Validation {
		return // the calls are the same
	}
	fmt.Fprintln(out, "\njsii calls while declaring, by kind and then by what costs most")
	t = tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "calls\tms in Node\tms in Go\tµs/call\t")
	for _, c := range append(append([]Cost{}, b.APIs...), b.Costly...) {
		fmt.Fprintf(t, "%d\t%.1f\t%.1f\t%.0f\t %s\n", c.Calls, 1e3*c.Node, 1e3*c.Go, 1e6*(c.Node+c.Go)/float64(c.Calls), c.Name)
	}
	_ = t.Flush()
}
