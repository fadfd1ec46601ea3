<?php
// Moodle's configuration. Written by Lectern at boot; what it reads is in memory and kept up to date while the instance
// runs, so that a rotated password is used by the next request.

unset($CFG);
global $CFG;
$CFG = new stdClass();

(function (stdClass $CFG): void {
    $text = @file_get_contents('/run/lectern/app/environment.json');
    $env = $text === false ? null : json_decode($text, true);
    if (!is_array($env)) {
        error_log('config.php: /run/lectern/app/environment.json cannot be read; see journalctl -u lectern-environment');
        if (PHP_SAPI !== 'cli') {
            http_response_code(503);
            header('Retry-After: 5');
        }
        exit(1);
    }

    $CFG->dbtype = 'pgsql';
    $CFG->dblibrary = 'native';
    $CFG->dbhost = $env['DATABASE_HOST'];
    $CFG->dbname = $env['DATABASE_NAME'];
    $CFG->dbuser = $env['DATABASE_USERNAME'];
    $CFG->dbpass = $env['DATABASE_PASSWORD'];
    $CFG->prefix = 'mdl_';
    $CFG->dboptions = ['dbport' => $env['DATABASE_PORT'], 'connecttimeout' => 5];
    if ($env['DATABASE_TLS'] === 'verify-full') {
        // The authorities are a matter of libpq, which Moodle passes none. An empty client certificate keeps libpq from
        // looking into a home directory. https://www.postgresql.org/docs/current/libpq-envars.html
        $CFG->dboptions['ssl'] = 'verify-full';
        putenv('PGSSLROOTCERT=' . $env['DATABASE_CA']);
    }

    $CFG->wwwroot = $env['PUBLIC_URL'];
    $https = str_starts_with($CFG->wwwroot, 'https:');
    // TLS ends before the instance; the host keeps the name that people asked for, so this is no "reverse proxy".
    $CFG->sslproxy = $https;
    $CFG->cookiesecure = $https;
    // nginx has put who asks into REMOTE_ADDR; headers of the same meaning are anybody's to send.
    $CFG->getremoteaddrconf = 3;
    $CFG->routerconfigured = true;

    // Shared by all instances are files, temporary ones among them, as Moodle demands of clusters. What an instance can
    // make again by itself is on its own disk.
    $CFG->dataroot = $env['FILES_PATH'];
    $CFG->localcachedir = '/var/cache/lectern-moodle/local';
    $CFG->localrequestdir = '/var/cache/lectern-moodle/request';
    $CFG->directorypermissions = 0770; // no set-group-ID bit: the unit of PHP-FPM forbids it
    $CFG->admin = 'admin';
    $CFG->xsendfile = 'X-Accel-Redirect';
    $CFG->xsendfilealiases = ['/lectern-data/' => $CFG->dataroot, '/lectern-cache/' => $CFG->localcachedir];

    require_once('/usr/local/lib/lectern-moodle/memcached.php');
    $CFG->session_handler_class = '\core\session\memcached';
    $CFG->session_memcached_prefix = 'moodle.session.';
    $CFG->session_memcached_acquire_lock_timeout = 120;
    $CFG->session_memcached_lock_expire = 7200;
    // A node that does not answer is left out, and its people sign in again, until it is back.
    $session = lectern_memcached($env['MEMCACHED_SESSION']);
    $alive = array_diff($session['servers'], $session['away']);
    $CFG->session_memcached_save_path = implode(',', $alive ?: $session['servers']);
    ini_set('memcached.sess_connect_timeout', '200'); // milliseconds
    ini_set('memcached.sess_server_failure_limit', '1');
    ini_set('memcached.sess_remove_failed_servers', '1');
    $CFG->lectern_application_cache = lectern_memcached($env['MEMCACHED_APPLICATION']);

    $CFG->lock_factory = '\core\lock\postgres_lock_factory';

    // Code comes from git and nowhere else; programs are not chosen in the browser.
    $CFG->disableupdateautodeploy = true;
    $CFG->preventexecpath = true;

    // The fleet starts cron every minute. It begins no further task after so many seconds; one that has begun may end.
    $CFG->task_scheduled_max_runtime = 50;
    $CFG->task_adhoc_max_runtime = 50;
})($CFG);

require_once(__DIR__ . '/lib/setup.php');
