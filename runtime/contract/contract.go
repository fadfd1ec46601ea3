// Package contract is everything the infrastructure and the runtime must agree on: where the binary lives, which
// port and paths it answers on, the document an instance reads at boot, and the command line that user data runs.
//
// It is the only package both sides import, so it depends on the standard library alone.
//
//	infrastructure                                   instance
//	Config ──json──► SSM parameter (String) ──read──► Parse ──► Config ──► serve
//	BootArgs.Command() ──► launch template user data ──► lectern-runtime boot
//
// The document holds no secret value. It names secrets by ARN and the runtime reads them itself, with the
// instance's own role.
package contract

// Network and HTTP.
const (
	// DefaultPort is the TCP port the runtime listens on: target groups and security groups use it too.
	DefaultPort = 8080

	// LivePath answers 200 as long as the process answers at all. Nothing is asked behind it.
	LivePath = "/livez"
	// ReadyPath answers 200 when the instance wants traffic: every part has answered once since the start and it is
	// not draining. A shared part that goes away later does not turn it to 503; a workload on this very instance that
	// stays away does (package runtime/host).
	ReadyPath = "/readyz"
	// HealthPath has the status of ReadyPath and a body that says how each part is. The load balancer asks this one.
	HealthPath = "/api/health"
)

// Files on an instance.
const (
	// BinaryName is the name of the executable, in the asset and on the instance.
	BinaryName = "lectern-runtime"
	// InstallDir holds the executable; user data creates it.
	InstallDir = "/opt/lectern"
	// BinaryPath is where user data puts the executable after it has checked its SHA-256.
	BinaryPath = InstallDir + "/" + BinaryName
	// StateDir holds what boot writes: the configuration and the database's certificate authorities.
	StateDir = "/etc/lectern"
	// ConfigPath is the configuration as boot wrote it: User's alone (0600), or, with a recipe, root's and readable by
	// AppUser (0640).
	ConfigPath = StateDir + "/runtime.json"
	// CABundlePath holds the certificate authorities of Amazon RDS; see TLSVerifyFull.
	CABundlePath = StateDir + "/rds-ca.pem"
	// UnitName is the systemd unit that runs `lectern-runtime serve`.
	UnitName = "lectern-runtime.service"
	// User is the system user (and group) the unit runs as.
	User = "lectern"
)

// TerminateHook is the terminating lifecycle hook that an instance completes when it has drained.
const TerminateHook = "lectern-terminate"

// Timing both sides must respect.
const (
	// DrainDelaySeconds is how long an instance keeps serving after it was told to stop while it already answers 503 on
	// HealthPath. Use a load balancer check interval × unhealthy threshold of at most this.
	DrainDelaySeconds = 10
	// ShutdownLimitSeconds is how long requests in flight may still take after DrainDelaySeconds. The target group's
	// deregistration delay should be at least the sum of the two.
	ShutdownLimitSeconds = 30
	// ReadyDeadlineSeconds is how long boot waits for ReadyPath before it calls the instance a failure. The heartbeat
	// timeout of the launch hook and the creation policy's timeout must be longer: with every call to AWS at its slowest boot adds 270 s until the hook is completed.
	ReadyDeadlineSeconds = 600
)
