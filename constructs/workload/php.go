package workload

import (
	"fmt"
	"strings"

	"github.com/lectern/lectern/runtime/contract"
)

// phpSocket is where PHP-FPM answers.
const phpSocket = "/run/lectern-php/fpm.sock"

// phpPingPath is a request that a child of PHP-FPM answers by itself, with "pong": it says that one is free.
const phpPingPath = "/lectern-ping"

// phpOpcacheMiB is the share of an instance's memory that compiled scripts have, as a template.
const phpOpcacheMiB = "(max 128 (min 512 (div .MemoryMiB 16)))"

// phpFPM is PHP-FPM as a workload wants it. Everything runs as the workload's user.
type phpFPM struct {
	// ChildMiB is what a child takes beside the memory that all share, measured with the workload; it decides how many
	// requests an instance serves at once.
	ChildMiB int
	// ReserveMiB stays free of children, for the operating system, the host, jobs and the file system's cache.
	ReserveMiB int
	// MemoryLimitMiB is what one script may ask for at most.
	MemoryLimitMiB int
	// UploadMiB is the largest upload.
	UploadMiB int
	// RequestSeconds is how long a request may take.
	RequestSeconds int
	// Immutable says that code does not change while the instance lives, so that nobody needs to look whether it did.
	Immutable bool
	// Prepend is a script that runs before all others; empty: none.
	Prepend string
	// Settings are further lines of the ini file.
	Settings []string
}

// files are the configuration of FPM, with one pool, and the ini file of FPM and of the command line. The
// distribution's pools are not included.
//
// https://www.php.net/manual/en/install.fpm.configuration.php
func (p phpFPM) files() []contract.File {
	ini := p.ini()
	return []contract.File{
		{Path: "{{.Vars.PHPFPMConfig}}", Content: p.config(), Owner: contract.OwnerRoot, Mode: "0644"},
		{Path: "{{.Vars.PHPFPMIni}}", Content: ini, Owner: contract.OwnerRoot, Mode: "0644"},
		{Path: "{{.Vars.PHPCLIIni}}", Content: ini, Owner: contract.OwnerRoot, Mode: "0644"},
	}
}

func (p phpFPM) config() string {
	prepend := ""
	if p.Prepend != "" {
		prepend = "; Not only in the ini file, where a .user.ini beside a script could change it.\n" +
			"php_admin_value[auto_prepend_file] = " + p.Prepend + "\n"
	}
	return fmt.Sprintf(`; One pool, as the user of the workload. Written by Lectern at boot.
{{- $children := max 4 (div (sub .MemoryMiB (add %d %s)) %d)}}
[global]
pid = {{.Vars.PHPFPMPID}}
error_log = syslog
syslog.ident = php-fpm
daemonize = no
; Requests that have begun may end when FPM is told to leave.
process_control_timeout = %d
emergency_restart_threshold = 10
emergency_restart_interval = 60

[app]
user = {{.User}}
group = {{.User}}
listen = %s
listen.owner = {{.User}}
listen.group = {{.User}}
listen.mode = 0600
listen.backlog = 511
; {{.MemoryMiB}} MiB of memory, %d MiB a child.
pm = dynamic
pm.max_children = {{$children}}
pm.start_servers = {{min $children (mul 2 .CPUs)}}
pm.min_spare_servers = {{min $children (mul 2 .CPUs)}}
pm.max_spare_servers = {{min $children (mul 4 .CPUs)}}
; Whatever an extension leaks ends with its child.
pm.max_requests = 2000
ping.path = %s
request_terminate_timeout = %d
request_terminate_timeout_track_finished = yes
; clear_env stays on: what a workload needs it reads from its environment file.
security.limit_extensions = .php
php_admin_value[error_log] = syslog
php_admin_flag[log_errors] = on
php_admin_flag[display_errors] = off
`, p.ReserveMiB, phpOpcacheMiB, p.ChildMiB, p.RequestSeconds, phpSocket, p.ChildMiB, phpPingPath, p.RequestSeconds) + prepend
}

func (p phpFPM) ini() string {
	validate := "1"
	if p.Immutable {
		validate = "0"
	}
	text := fmt.Sprintf(`; Written by Lectern at boot.
expose_php = Off
display_errors = Off
log_errors = On
memory_limit = %dM
upload_max_filesize = %dM
post_max_size = %dM
max_execution_time = %d
max_input_vars = 5000
session.cookie_httponly = 1
; A path is looked up once in ten minutes.
realpath_cache_size = 8M
realpath_cache_ttl = 600
zend.exception_ignore_args = On
opcache.enable = 1
opcache.enable_cli = 0
opcache.memory_consumption = {{%s}}
opcache.interned_strings_buffer = 32
opcache.max_accelerated_files = 32531
opcache.validate_timestamps = %s
opcache.revalidate_freq = 2
opcache.save_comments = 1
`, p.MemoryLimitMiB, p.UploadMiB, p.UploadMiB+8, p.RequestSeconds, phpOpcacheMiB, validate)
	if p.Prepend != "" {
		text += "auto_prepend_file = " + p.Prepend + "\n"
	}
	if len(p.Settings) > 0 {
		text += strings.Join(p.Settings, "\n") + "\n"
	}
	return text
}

// service is the distribution's unit, which cannot change the system even when a script is made to try.
//
// https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html
func (p phpFPM) service(writable ...string) contract.Service {
	return contract.Service{
		Name: "{{.Vars.PHPFPMUnit}}",
		Settings: append([]string{
			"RuntimeDirectory=lectern-php",
			"RuntimeDirectoryMode=0755",
			"Restart=always",
			"RestartSec=1",
			fmt.Sprintf("TimeoutStopSec=%d", p.RequestSeconds+10),
			"CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL",
			"ReadWritePaths=" + strings.Join(append([]string{"-/run/php", "-/run/php-fpm", "-/var/log"}, writable...), " "),
			"LimitNOFILE=65536",
		}, hardening...),
	}
}

// hardening is what no service of a workload needs, as settings of its unit: privileges, devices, the kernel, other
// users' homes, and a writable system beside the paths that ReadWritePaths names.
var hardening = []string{
	"NoNewPrivileges=yes",
	"PrivateDevices=yes",
	"PrivateTmp=yes",
	"ProtectClock=yes",
	"ProtectControlGroups=yes",
	"ProtectHome=yes",
	"ProtectHostname=yes",
	"ProtectKernelLogs=yes",
	"ProtectKernelModules=yes",
	"ProtectKernelTunables=yes",
	"ProtectSystem=strict",
	"RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
	"RestrictNamespaces=yes",
	"RestrictRealtime=yes",
	"RestrictSUIDSGID=yes",
	"LockPersonality=yes",
	"SystemCallArchitectures=native",
}
