// Package host is what an instance does for any workload: boot, health, metrics, its log,
// drain, and leaving its group.
//
// # Health
//
//	         every part has              told to stop
//	         answered once               (SIGTERM, SIGINT)
//	starting ─────────────► ok ◄──► degraded ─────────────► draining ──► gone
//	   │                     some part does not answer         ▲
//	   │                      ▲           │                    │
//	   │         it is well   │           ▼ local parts alone, 3 rounds
//	   │                      └──────── failing ───────────────┤
//	   └───────────────────────────────────────────────────────┘
//
//	state     /livez  /readyz  /api/health
//	starting   200     503      503 "starting"
//	ok         200     200      200 "ok"
//	degraded   200     200      200 "degraded", that part "unreachable"
//	failing    200     503      503 "failing", that part "unreachable"
//	draining   200     503      503 "draining"
//
// A shared part that is away never leads to 503: the load balancer and the Auto Scaling group replace what answers 503, and
// while a database fails over every instance would be replaced at once, which heals nothing and loses the capacity.
// A local part (the workload's own process) is another matter: when it has been away for three rounds of questions in a row, and
// every shared part is well and has been for a while (HealthOptions.Grace), the instance is failing until it is well again.
// "Answered once" is remembered per part; the parts need not all be well at the same moment.
//
// # Leaving
//
// An instance leaves on SIGTERM or when its Auto Scaling group says so; see Lifecycle. Either way it drains: health says
// so, no new work is begun, the listener closes after a delay, what has begun is finished within a limit.
//
// # Boot
//
// Boot is a list of small idempotent steps, run once by user data, which is the same for every workload; see Boot.
//
//	identify the instance
//	read the configuration
//	  │
//	  ├─ it names no recipe: the runtime is the workload
//	  │    user, configuration, certificate authorities, unit (lectern-runtime serve)
//	  └─ it names a recipe; see package provision
//	       recipe, user, configuration, certificate authorities, packages, shared file system, directories, installers,
//	       environment, code, files, build, what is run once, services, unit (lectern-runtime host)
//	  │
//	wait until ready ──► complete the launch hook ──► signal CloudFormation
//
// What goes wrong is logged, with the end of the logs of the units that were started, and told to CloudFormation (FAILURE)
// and to the launch hook (ABANDON), in that order; then the units of an instance that did not get ready are stopped, the
// last first. How long all of it may take is the launch hook's timeout: boot sends no heartbeat, which would only keep an
// instance that hangs from being given up.
package host
