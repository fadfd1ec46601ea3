package workload

import (
	"fmt"

	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/runtime/contract"
)

// siteDir holds what the web server and PHP read beside the code.
const siteDir = contract.StateDir + "/site"

// phpPrepend runs before every script of FPM and of the command line.
const phpPrepend = siteDir + "/prepend.php"

// siteExtensions are what PHP applications expect; the database's driver comes on top.
func siteExtensions(g Given, more []string) []string {
	extensions := append([]string{"curl", "gd", "intl", "mbstring", "xml", "zip"}, more...)
	switch g.CacheEngine {
	case contract.CacheValkey:
		extensions = append(extensions, "redis")
	case contract.CacheMemcached:
		extensions = append(extensions, "memcached")
	}
	return extensions
}

// sitePHP is PHP-FPM for code that reads its settings from the environment. Scripts find it in getenv, $_ENV and
// $_SERVER on every request, so a password that was rotated is there with the next one and nothing need restart.
func sitePHP(php workload.SitePHP, uploadMiB int, immutable bool) phpFPM {
	return phpFPM{
		ChildMiB: max(32, php.MemoryLimitMiB/2), ReserveMiB: 512,
		MemoryLimitMiB: php.MemoryLimitMiB, UploadMiB: uploadMiB, RequestSeconds: php.RequestSeconds,
		Immutable: immutable, Prepend: phpPrepend,
		Settings: []string{
			// Sessions that no browser can choose the name of, and that two requests do not write at a time.
			"session.use_strict_mode = 1",
			"redis.session.locking_enabled = 1",
			"redis.session.lock_retries = 500",
			"redis.session.lock_wait_time = 20000",
		},
	}
}

// sitePHPFiles are the files of FPM and the script that runs before all others.
func sitePHPFiles(p phpFPM, g Given) []contract.File {
	return append(p.files(), contract.File{Path: phpPrepend, Content: prepend(g), Owner: contract.OwnerRoot, Mode: "0644"})
}

// prepend is PHP. Functions and variables of it are not seen by the scripts that follow. It says nothing to whoever may
// not read the environment, such as root's own command line tools.
//
// Sessions are kept where all instances see them; the client file may still choose another place in the code.
// https://github.com/phpredis/phpredis#php-session-handler
func prepend(g Given) string {
	text := "<?php\n(static function (): void {\n"
	if g.FilesPath != "" && g.FilesPath != contract.CodeDir {
		// Wherever below the document root uploads are: what somebody sent is never run.
		text += `    $script = realpath($_SERVER['SCRIPT_FILENAME'] ?? '');
    if ($script !== false && str_starts_with($script, '{{.Files.MountPath}}/')) {
        http_response_code(403);
        exit(1);
    }
`
	}
	text += `    $text = @file_get_contents('{{.EnvironmentJSON}}');
    $values = $text === false ? null : json_decode($text, true);
    if (!is_array($values)) {
        return;
    }
    foreach ($values as $name => $value) {
        putenv("$name=$value");
        $_ENV[$name] = $value;
        $_SERVER[$name] = $value;
    }
`
	switch g.CacheEngine {
	case contract.CacheValkey:
		text += `    ini_set('session.save_handler', 'redis');
    $password = $values['REDIS_PASSWORD'] === '' ? '' : '&auth=' . rawurlencode($values['REDIS_PASSWORD']);
    $scheme = $values['REDIS_TLS'] === 'true' ? 'tls' : 'tcp';
    ini_set('session.save_path', "$scheme://{$values['REDIS_HOST']}:{$values['REDIS_PORT']}?timeout=3&prefix=session:$password");
`
	case contract.CacheMemcached:
		text += `    ini_set('session.save_handler', 'memcached');
    ini_set('session.save_path', $values['MEMCACHED_SERVERS']);
`
	}
	return text + "})();\n"
}

// siteLocations are the inside of an nginx server for PHP, or for files alone.
func siteLocations(php bool, fallback string) string {
	const hidden = `        index %s;
        # Nothing whose name begins with a dot, except what RFC 8615 puts there.
        location ~ /\.(?!well-known/) {
            return 404;
        }
`
	if !php {
		last := "=404"
		if fallback != "" {
			last = "/" + fallback
		}
		return fmt.Sprintf(hidden, "index.html") + `        location / {
            try_files $uri $uri/ ` + last + `;
        }
`
	}
	return fmt.Sprintf(hidden, "index.php index.html") + `        location / {
            try_files $uri $uri/ /` + fallback + `$is_args$args;
        }
        location ~ \.php$ {
            try_files $uri =404;
            ` + nginxPHP + `
        }
`
}
