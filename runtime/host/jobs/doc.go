// Package jobs runs the jobs of a workload: each at every time of its schedule (a slot) on one instance of the fleet,
// however many there are, and never twice.
//
// # Who runs, and what has run
//
// Every instance runs a Runner. At a slot each looks into the cache whether the slot is settled; if not, one gets the
// lock "job:NAME" there (package exclusive) and has a turn, and the others look again a few seconds later. The turn
// asks the records, which are a table in the workload's own database, and then, for each slot that is due, oldest first:
//
//	turn ──► record it as running, with a lease ──► run the command ──► record how it ended ──► next, or release
//	              │ only if the slot has no record,        │ lease renewed every 6 s,
//	              │ no other run of the job is running,    │ the lock every 3.3 s
//	              │ no higher token was ever recorded,     ▼
//	              │ and it is not in the future      killed if the lease cannot be
//	              ▼
//	         else: somebody has it
//
// The lock says who may; it lives 10 s and costs the losers two questions to the cache. The record says what has been;
// it is what two hosts cannot both write: (job, slot) is its primary key, and (job, active) is unique, so that runs of a
// job never overlap by the record of the database, also when the cache forgets who has the lock. A run is
//
//	running ──► succeeded   the command ended with status 0
//	        ──► failed      it ended with another, could not be started, or ran into its limit ("timeout")
//	        ──► stopped     its instance left, and it did not end within the time to drain
//	        ──► lost        its instance died, or could no longer prove that it alone runs the job
//	missed                  nobody could begin it within 5 minutes of its time
//
// and is changed only under the token under which it began, while it is running.
//
// # What happens when
//
//	a slot comes while the last one still runs   it begins when that has ended, if within 5 minutes of its time; else missed
//	an instance is killed (-9), or its machine   the command is killed with the process; the lock runs out (10 s), then the
//	  dies                                       lease (30 s); the next holder marks the run lost and goes on with the
//	                                             slots that came meanwhile
//	an instance is told to leave                 no new slot; the command may end within the time to drain, is then asked
//	                                             to (SIGTERM), killed 10 s later, and recorded stopped
//	the cache is away                            nobody begins; a command that runs goes on under its lease; slots are run
//	                                             late when the cache is back
//	the cache has lost its data                  the same; whoever gets the lock then waits until the run has ended, or its
//	                                             lease has passed
//	the database is away                         nobody begins; a command that runs is killed after 24 s without a renewal
//	                                             of its lease; how a command ended is kept for two minutes and recorded
//	                                             when the database is back
//	the database has lost its last records       a slot of which it lost the record may run again, if it is still in time
//	  (a restored backup)
//	an instance stands still (the kernel, the    others mark the run lost when its lease has passed, and go on; when the
//	  hypervisor)                                instance wakes it kills its command within moments
//	an instance cannot reach the database but    it gives the lock back after 5 s, and another may get it
//	  others can
//	the clock of an instance is ahead            it waits: no slot begins more than 1 s early by the database's clock;
//	                                             leases are the database's time alone
//	the clock of an instance is behind           others run its slots; were it the only one, they would run late
//	all instances are away at a slot             nobody knows of it: an instance begins with the slots after its own start
//	the table is gone                            it is made again; slots of the last 5 minutes may run again
//
// # What is logged
//
// The last lines that a command printed, without the values of variables that the recipe makes from secrets.
//
// # What is not guaranteed
//
//   - That every slot runs. A command whose instance dies half-way has had half of its effects: it is recorded as lost,
//     logged as an error and counted, and never repeated, because nobody but its author knows whether it may be. A job
//     that must make up for a lost run can look at its own work at its next slot.
//   - That a command which the kernel holds, or whose machine stands still, does nothing when it goes on. It has moments
//     until it is killed, and a request that it had sent before is on its way anyway. Work in which that matters takes
//     LECTERN_TOKEN, which is higher for every later run, and has whatever it writes to refuse a lower one.
//   - That what a command starts in a session of its own (setsid, a daemon) ends with it. What stays in its process
//     group does, also when the command succeeds. systemd ends the rest when the unit does.
package jobs
