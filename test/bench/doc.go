// Command bench measures how long synthesis takes and how much memory it needs, for
// 1, 10 and 100 clients, beside a floor: the same resources declared directly in
// Node with the L1 constructs of the CDK. make bench runs it.
//
// What is measured. The app that cdk.json runs is built first and then started as
// the CDK CLI starts it: CDK_OUTDIR, CDK_CONTEXT_JSON with the context of cdk.json and
// what the CLI adds, the pinned Node first on the PATH. The CLI itself is not part of
// the figures. Wall time is from the start of the process to its end. The clients are
// copies of one reference client with other names, accounts, regions, networks and
// domains.
//
// Peak memory, on Linux, is the sum over all processes of the tree (the Go program,
// the jsii kernel and its Node wrapper) of each one's peak resident set: VmHWM of
// /proc/PID/status, read every 20 ms.
// The peaks need not fall together and pages that two processes share count twice, so
// the sum is an upper bound. Elsewhere only the largest single process is known.
//
// The floor is a program that this command writes from the templates of the app (not
// measured): literal constructor calls of the specific L1 classes, references between
// variables instead of strings, the same asset, tags, removal policies and
// acknowledgements. Values in which clients differ become a table that a loop goes
// over, as one would write it by hand. Before it is measured, its templates are
// compared with the app's, and if any resource is missing or of another type the
// command fails.
//
// The exit code is 0 also where an aim is missed: this is a report.
package main
