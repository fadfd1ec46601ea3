<?php
// With --is-pending: 0, nothing to do; 2, an upgrade is due; 1, there is no Moodle in the database.
define('CLI_SCRIPT', true);
require dirname(__DIR__, 2) . '/config.php';

$from = installed();
if ($from === null) {
    fwrite(STDERR, "Database is not yet installed.\n");
    exit(1);
}
$pending = $from !== version();
if (in_array('--is-pending', $argv, true)) {
    exit($pending ? 2 : 0);
}
if (!in_array('--non-interactive', $argv, true)) {
    fwrite(STDERR, "nobody is here to answer questions\n");
    exit(1);
}
if ($pending) {
    if (!is_file($CFG->dataroot . '/climaintenance.html')) {
        fwrite(STDERR, "the site is not in maintenance\n");
        exit(1);
    }
    query("UPDATE mdl_config SET value = $1 WHERE name = 'version'", version());
    query('INSERT INTO mdl_log (host, what) VALUES ($1, $2)', gethostname(), 'upgraded ' . version());
    mtrace('Command line upgrade from ' . $from . ' to ' . version() . ' completed successfully.');
}
