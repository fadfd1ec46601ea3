package workload

import (
	"fmt"

	"github.com/lectern/lectern/runtime/contract"
)

// apacheServer is an Apache with one site, behind the host on loopback, that passes scripts to PHP-FPM. It runs as the
// workload's user from the start: it needs no port below 1024, so it never needs root.
type apacheServer struct {
	// Root is the document root; template.
	Root string
	// Uploads is a folder that holds what people sent; template; empty: there is none.
	Uploads string
	// BodyMiB is the largest body of a request.
	BodyMiB int
	// RequestSeconds is how long PHP may take.
	RequestSeconds int
	// HTTPS says that people come by https, whatever comes here.
	HTTPS bool
}

// apacheDistributions are the packages of Apache and what templates ask about it:
//
//   - ApacheUnit is the systemd unit, ApacheProgram what it runs
//   - ApacheRoot is the folder of the configuration, ApacheConfig its main file, ApacheModules where modules are
func apacheDistributions() map[string]contract.Distribution {
	return map[string]contract.Distribution{
		amazonLinux2023: {
			Packages: []string{"httpd", "mailcap"},
			Vars: map[string]string{
				"ApacheUnit": "httpd", "ApacheProgram": "/usr/sbin/httpd",
				"ApacheRoot": "/etc/httpd", "ApacheConfig": "/etc/httpd/conf/httpd.conf", "ApacheModules": "/usr/lib64/httpd/modules",
			},
		},
		debian13: {
			Packages: []string{"apache2", "media-types"},
			Vars: map[string]string{
				"ApacheUnit": "apache2", "ApacheProgram": "/usr/sbin/apache2",
				"ApacheRoot": "/etc/apache2", "ApacheConfig": "/etc/apache2/apache2.conf", "ApacheModules": "/usr/lib/apache2/modules",
			},
		},
	}
}

// files are the whole configuration; the distribution's sites and modules are not included.
func (a apacheServer) files() []contract.File {
	return []contract.File{{Path: "{{.Vars.ApacheConfig}}", Content: a.config(), Owner: contract.OwnerRoot, Mode: "0644"}}
}

// config uses the event MPM. Distributions build different modules into the program, so each is loaded only where it is
// not there yet. .htaccess files are read: sites for Apache rely on them.
//
// https://httpd.apache.org/docs/2.4/mod/mod_proxy_fcgi.html
func (a apacheServer) config() string {
	uploads, https, server := "", "", "http://{{host .PublicURL}}"
	if a.Uploads != "" {
		uploads = fmt.Sprintf(apacheUploads, a.Uploads)
	}
	if a.HTTPS {
		server = "https://{{host .PublicURL}}:443" // what redirects begin with
		https = "    SetEnv HTTPS on\n"
	}
	return fmt.Sprintf(`# One site on loopback, behind the host. Written by Lectern at boot.
ServerRoot {{.Vars.ApacheRoot}}
DefaultRuntimeDir /run/lectern-apache
PidFile /run/lectern-apache/httpd.pid
ServerName %[7]s
Listen 127.0.0.1:{{.UpstreamPort}}
UseCanonicalName Off
ServerTokens Prod
ServerSignature Off
TraceEnable Off
HostnameLookups Off
FileETag MTime Size
ErrorLog syslog:daemon:apache
LogLevel warn

%[1]s
# A worker is a connection of the host, which keeps them open; PHP-FPM decides how many scripts run at a time.
ThreadsPerChild 25
ServerLimit {{max 8 (mul 4 .CPUs)}}
MaxRequestWorkers {{mul 25 (max 8 (mul 4 .CPUs))}}
StartServers 2
KeepAlive On
KeepAliveTimeout 75
MaxKeepAliveRequests 0
Timeout %[2]d
ProxyTimeout %[2]d
GracefulShutdownTimeout %[2]d
# LimitRequestBody is not for what is passed on.
<If "%%{HTTP:Content-Length} -gt %[3]d">
    Redirect 413 /
</If>

TypesConfig /etc/mime.types
AddDefaultCharset Off
DirectoryIndex index.php index.html

# The host says who asks; nobody else reaches this port.
RemoteIPHeader X-Real-IP
RemoteIPInternalProxy 127.0.0.1
# A header that programs would take for a setting. https://httpoxy.org
RequestHeader unset Proxy early

AddOutputFilterByType DEFLATE text/html text/css text/plain text/xml application/javascript text/javascript application/json application/xml image/svg+xml

<Directory />
    AllowOverride None
    Require all denied
</Directory>

DocumentRoot "%[4]s"
<Directory "%[4]s">
    Options FollowSymLinks
    AllowOverride All
    Require all granted
%[5]s    # A script that is not there is not found, here and not in PHP.
    <FilesMatch "\.php$">
        <If "-f %%{REQUEST_FILENAME}">
            SetHandler "proxy:unix:%[6]s|fcgi://lectern-php"
        </If>
    </FilesMatch>
</Directory>
%[8]s
# Nothing whose name begins with a dot, except what RFC 8615 puts there.
<LocationMatch "/\.(?!well-known/)">
    Require all denied
</LocationMatch>
`, a.modules(), a.RequestSeconds, a.BodyMiB<<20, a.Root, https, phpSocket, server, uploads)
}

// apacheUploads is for what people sent: no script, and no .htaccess that could make one of it or set what PHP is told.
const apacheUploads = `
<Directory "%s">
    AllowOverride None
    <FilesMatch "\.php$">
        Require all denied
    </FilesMatch>
</Directory>
`

// apacheModules are those that the configuration uses and those that .htaccess files commonly do.
var apacheModules = []string{
	"mpm_event", "unixd", "log_config", "authn_core", "authz_core", "authz_host", "authn_file", "authz_user", "auth_basic",
	"access_compat", "alias", "deflate", "dir", "env", "expires", "filter", "headers", "mime", "negotiation", "proxy",
	"proxy_fcgi", "remoteip", "reqtimeout", "rewrite", "setenvif",
}

func (apacheServer) modules() string {
	text := ""
	for _, name := range apacheModules {
		text += fmt.Sprintf("<IfModule !%[1]s_module>\n    LoadModule %[1]s_module {{.Vars.ApacheModules}}/mod_%[1]s.so\n</IfModule>\n", name)
	}
	return text
}

// service is the distribution's unit by name and ours by content, so that it starts as the workload's user and needs no
// module of systemd's.
func (a apacheServer) service() contract.Service {
	return contract.Service{
		Name: "{{.Vars.ApacheUnit}}",
		Unit: fmt.Sprintf(`[Unit]
Description=Apache of the workload
After=network.target

[Service]
Type=exec
User={{.User}}
Group={{.User}}
RuntimeDirectory=lectern-apache
ExecStart={{.Vars.ApacheProgram}} -DFOREGROUND -f {{.Vars.ApacheConfig}}
# SIGUSR1 reads the configuration again, SIGWINCH lets requests end; neither cuts one off.
ExecReload=/bin/kill -USR1 $MAINPID
KillSignal=SIGWINCH
KillMode=mixed
TimeoutStopSec=%d
Restart=always
RestartSec=1
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
`, a.RequestSeconds+10),
		Settings: append([]string{
			"CapabilityBoundingSet=",
			"IPAddressDeny=any",
			"IPAddressAllow=localhost",
		}, hardening...),
	}
}
