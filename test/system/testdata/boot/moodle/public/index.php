<?php
// Answers with what Moodle finds on an instance.
require __DIR__ . '/config.php';

ini_set('session.save_handler', 'memcached');
ini_set('session.save_path', $CFG->session_memcached_save_path);
ini_set('memcached.sess_prefix', $CFG->session_memcached_prefix);
session_start();
$_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;

$cache = new Memcached();
foreach ($CFG->lectern_application_cache['servers'] as $server) {
    $cache->addServer(...explode(':', $server));
}
$cache->add('visits', 0);
$file = $CFG->dataroot . '/written';
file_put_contents($file, 'shared');
if (isset($_GET['file'])) {
    header($CFG->xsendfile . ': ' . key($CFG->xsendfilealiases) . 'written');
    exit;
}
header('Content-Type: application/json');
echo json_encode([
    'user' => posix_getpwuid(posix_geteuid())['name'],
    'host' => gethostname(),
    'address' => $_SERVER['REMOTE_ADDR'],
    'root' => $CFG->wwwroot,
    'https' => $_SERVER['HTTPS'] ?? '',
    'name' => query("SELECT value FROM mdl_config WHERE name = 'fullname'")[0]['value'],
    'version' => installed(),
    'tls' => query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')[0]['ssl'],
    'count' => $_SESSION['count'],
    'visits' => $cache->increment('visits'),
    'writable' => @file_put_contents(dirname(__DIR__) . '/public/index.php', '', FILE_APPEND) !== false,
    'path' => $_SERVER['PATH_INFO'] ?? '',
]);
