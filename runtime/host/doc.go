// Package host is what an instance does for any workload: boot, health, metrics, its log, and drain.
//
// # Health
//
//	         every part has              told to stop
//	         answered once               (SIGTERM, SIGINT)
//	starting ─────────────► ok ◄──► degraded ─────────────► draining ──► gone
//	   │                     some part does not answer         ▲
//	   └───────────────────────────────────────────────────────┘
//
//	state     /livez  /readyz  /api/health
//	starting   200     503      503 "starting"
//	ok         200     200      200 "ok"
//	degraded   200     200      200 "degraded", that part "unreachable"
//	draining   200     503      503 "draining"
//
// There is no way from degraded to 503: the load balancer and the Auto Scaling group replace what answers 503, and while a
// database fails over every instance would be replaced at once, which heals nothing and loses the capacity.
// "Answered once" is remembered per part; the parts need not all be well at the same moment.
//
// # Boot
//
// Boot is a list of small idempotent steps, run once by user data; see Boot. What goes wrong is logged, told to
// CloudFormation (FAILURE) and to the launch hook (ABANDON), in that order; then a unit that did not get ready is stopped.
package host
