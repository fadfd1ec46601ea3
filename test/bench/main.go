package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Aims of the project.
const (
	aimRatio      = 2.0    // times the floor, one client
	aimPerFurther = 0.7    // seconds for each further client
	aimPeakMB     = 1500.0 // MB for the most clients
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == relayVerb {
		if err := relay(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench relay:", err)
			os.Exit(1)
		}
		return
	}
	sizes := flag.String("clients", "1,10,100", "numbers of clients to synthesize; the first is the base of the cost of each further one")
	reference := flag.String("reference", "scorm-engine", "the client of config/clients that is copied")
	repeat := flag.Int("repeat", 5, "runs of one client, after a warm-up; more clients are run once or twice")
	asJSON := flag.Bool("json", false, "print the figures as JSON")
	flag.Parse()

	report, err := run(*sizes, *reference, *repeat)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if *asJSON {
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		_ = out.Encode(report)
		return
	}
	report.print(os.Stdout)
}

func run(sizes, reference string, repeat int) (Report, error) {
	numbers, err := parseSizes(sizes)
	if err != nil {
		return Report{}, err
	}
	w, err := newWorkshop(reference)
	if err != nil {
		return Report{}, err
	}
	report := Report{Reference: reference, Machine: describeMachine(), MemoryNote: memoryNote}
	for _, clients := range numbers {
		s, err := w.prepare(clients)
		if err != nil {
			return report, fmt.Errorf("preparing %d clients: %w", clients, err)
		}
		report.Floors = append(report.Floors, s.agreement)
		for _, validation := range []bool{false, true} {
			row, err := s.measure(validation, repetitions(clients, repeat))
			if err != nil {
				return report, fmt.Errorf("measuring %d clients: %w", clients, err)
			}
			report.Rows = append(report.Rows, row)
		}
	}
	report.compare()

	// Of the first size, and of the second to see what each further client costs.
	for _, clients := range numbers[:min(2, len(numbers))] {
		for _, validation := range []bool{false, true} {
			b, err := w.session(clients).breakdown(validation)
			if err != nil {
				return report, fmt.Errorf("taking a run of %d clients apart: %w", clients, err)
			}
			report.Breakdowns = append(report.Breakdowns, b)
		}
	}
	report.Machine.LoadAfter = loadAverage()
	return report, nil
}

// repetitions: one client is quick and noisy, a hundred are neither.
func repetitions(clients, repeat int) int {
	switch {
	case clients < 5:
		return repeat
	case clients < 50:
		return min(2, repeat)
	}
	return 1
}

func parseSizes(text string) ([]int, error) {
	var numbers []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 || n > maxClients {
			return nil, fmt.Errorf("-clients %q: %q is not a number from 1 to %d", text, part, maxClients)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}
