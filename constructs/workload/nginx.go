package workload

import (
	"fmt"

	"github.com/lectern/lectern/runtime/contract"
)

// nginxCacheDir is where nginx keeps bodies that it passes on; systemd makes it.
const nginxCacheDir = "/var/cache/lectern-nginx"

// nginxServer is an nginx with one server, behind the host on loopback. It has no other server and no other port.
type nginxServer struct {
	// Root is the document root; template.
	Root string
	// Locations is the inside of the server block, a template. It may use nginxPHP.
	Locations string
	// HTTP is further text of the http block, such as maps; template.
	HTTP string
	// BodyMiB is the largest body of a request.
	BodyMiB int
	// RequestSeconds is how long PHP or another upstream may take.
	RequestSeconds int
	// HTTPS says that people come by https, whatever comes here.
	HTTPS bool
}

func nginxDistributions() map[string]contract.Distribution { return samePackages("nginx") }

// nginxPHP passes a script to PHP-FPM: the inside of a location, which sets what else differs ($fastcgi_script_name,
// fastcgi_split_path_info).
const nginxPHP = `fastcgi_pass php;
            include /etc/nginx/lectern-fastcgi.conf;`

// files are the whole configuration; the distribution's servers are not included.
//
// https://nginx.org/en/docs/dirindex.html
func (n nginxServer) files() []contract.File {
	return []contract.File{
		{Path: "/etc/nginx/lectern-fastcgi.conf", Content: n.fastcgi(), Owner: contract.OwnerRoot, Mode: "0644"},
		{Path: "/etc/nginx/nginx.conf", Content: n.config(), Owner: contract.OwnerRoot, Mode: "0644"},
	}
}

func (n nginxServer) config() string {
	return fmt.Sprintf(`# One server on loopback, behind the host. Written by Lectern at boot.
user {{.User}};
worker_processes auto;
pid /run/nginx.pid;
error_log stderr warn;

events {
    worker_connections 4096;
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    # The host counts and measures requests.
    access_log off;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 4096;
    keepalive_timeout 75s;
    keepalive_requests 10000;
    reset_timedout_connection on;

    client_max_body_size %[1]dm;
    client_body_buffer_size 128k;
    client_body_temp_path %[2]s/body 1 2;
    fastcgi_temp_path %[2]s/fastcgi 1 2;
    proxy_temp_path %[2]s/proxy 1 2;
    uwsgi_temp_path %[2]s/uwsgi 1 2;
    scgi_temp_path %[2]s/scgi 1 2;
    large_client_header_buffers 8 32k;

    # The host says who asks; nobody else reaches this port.
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Real-IP;

    gzip on;
    gzip_vary on;
    gzip_proxied any;
    gzip_comp_level 5;
    gzip_min_length 1024;
    gzip_types text/css text/plain text/xml application/javascript application/json application/xml image/svg+xml;

    upstream php {
        server unix:%[3]s;
    }
%[4]s
    server {
        listen 127.0.0.1:{{.UpstreamPort}} default_server;
        server_name _;
        root %[5]s;
        # Redirects name the path only: this is not the port that people see.
        absolute_redirect off;

        location = %[6]s {
            allow 127.0.0.1;
            deny all;
            %[7]s
        }
%[8]s
    }
}
`, n.BodyMiB, nginxCacheDir, phpSocket, n.HTTP, n.Root, phpPingPath, nginxPHP, n.Locations)
}

func (n nginxServer) fastcgi() string {
	scheme, port, https := "http", "80", ""
	if n.HTTPS {
		scheme, port, https = "https", "443", "fastcgi_param HTTPS on;\n"
	}
	return fmt.Sprintf(`# What PHP is told. Written by Lectern at boot.
fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
fastcgi_param SCRIPT_NAME $fastcgi_script_name;
fastcgi_param PATH_INFO $fastcgi_path_info;
fastcgi_param DOCUMENT_ROOT $document_root;
fastcgi_param DOCUMENT_URI $document_uri;
fastcgi_param REQUEST_URI $request_uri;
fastcgi_param REQUEST_METHOD $request_method;
fastcgi_param QUERY_STRING $query_string;
fastcgi_param CONTENT_TYPE $content_type;
fastcgi_param CONTENT_LENGTH $content_length;
fastcgi_param GATEWAY_INTERFACE CGI/1.1;
fastcgi_param SERVER_PROTOCOL $server_protocol;
fastcgi_param SERVER_SOFTWARE nginx;
fastcgi_param REMOTE_ADDR $remote_addr;
fastcgi_param REMOTE_PORT $remote_port;
# As people see it, not as the host asks.
fastcgi_param SERVER_NAME $host;
fastcgi_param SERVER_PORT %s;
fastcgi_param REQUEST_SCHEME %s;
%s# An HTTP_PROXY in the environment is a header that somebody sent. https://httpoxy.org
fastcgi_param HTTP_PROXY "";
# FPM runs scripts only as redirects of a server, if PHP was built so.
fastcgi_param REDIRECT_STATUS 200;
fastcgi_read_timeout %ds;
fastcgi_send_timeout %ds;
fastcgi_buffer_size 32k;
fastcgi_buffers 16 32k;
`, port, scheme, https, n.RequestSeconds, n.RequestSeconds)
}

// service is the distribution's unit. nginx listens and speaks on loopback only.
func (n nginxServer) service() contract.Service {
	return contract.Service{
		Name: "nginx",
		Settings: append([]string{
			"CacheDirectory=lectern-nginx",
			"Restart=always",
			"RestartSec=1",
			fmt.Sprintf("TimeoutStopSec=%d", n.RequestSeconds+10),
			"CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL",
			"ReadWritePaths=/run -/var/log/nginx",
			"IPAddressDeny=any",
			"IPAddressAllow=localhost",
			"LimitNOFILE=65536",
		}, hardening...),
	}
}
