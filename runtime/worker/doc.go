// Package worker does what no request waits for: imports of packages, sweeping up imports whose message was lost, and
// deliveries to webhooks.
//
// An import's states are those of package content. What one worker does with it is an attempt:
//
//	message ──► lease ──► fetch ──► inspect ──► store ──► finish ──► upload removed, message deleted
//	              │         │           │          │          │
//	              │         └───────────┴──────────┴──────────┴─ error inside ──► lease let go, message back later; after
//	              │                                                               MaxAttempts: failed, worker.gave-up
//	              ├─ finished already ──► upload removed, message deleted
//	              └─ somebody has it  ──► message deleted; if that one dies, its own message or the sweeper rings again
//
// A message says that there is work. Which import is leased is whose turn it is: see importer_turn.go.
//
// Every attempt stores under a content id of its own, which follows from the import and the attempt's number. So a
// worker that takes over knows what the dead ones may have left, and removes it; and a worker that was only slow
// writes where nobody looks, learns at its next report that it is fenced off, and removes what it wrote.
// The id that an import finishes with is the only one that anything refers to.
package worker
