<?php
// Installs Moodle into an empty database, or upgrades what is there to the code of this instance, and does nothing where
// both agree. Lectern runs it on one instance of the fleet at a time. With --check it only says, by its exit code, whether
// there is nothing to do.

/** Environment of the workload; the password of the administrator is not for command lines, which everybody may read. */
$env = json_decode(file_get_contents('/run/lectern/app/environment.json'), true, 512, JSON_THROW_ON_ERROR);
$cli = '/srv/app/admin/cli/';

if (in_array('--broken', $argv, true)) {
    // Says, by its exit code, whether the database holds a part of Moodle: the installation sets this value at its end.
    define('CLI_SCRIPT', true);
    define('CACHE_DISABLE_ALL', true);
    require('/srv/app/config.php');
    exit($DB->get_tables() && empty($CFG->rolesactive) ? 3 : 0);
}
if (in_array('--database', $argv, true)) {
    // The script reads its arguments from here, as if they had been on its command line.
    $_SERVER['argv'] = $argv = [
        'install_database.php', '--agree-license',
        '--lang=' . $env['SITE_LANGUAGE'],
        '--fullname=' . $env['SITE_FULL_NAME'],
        '--shortname=' . $env['SITE_SHORT_NAME'],
        '--adminuser=' . $env['ADMIN_USER'],
        '--adminemail=' . $env['ADMIN_EMAIL'],
        '--adminpass=' . $env['ADMIN_PASSWORD'],
    ];
    $_SERVER['argc'] = $argc = count($argv);
    unset($env);
    require($cli . 'install_database.php');
    exit(0); // what fails ends it with its own code
}

/** Exists while an upgrade has put the site into maintenance; people who do so themselves leave no such file. */
$ours = $env['FILES_PATH'] . '/lectern-upgrade';

/** Runs a script in a process of its own and returns its exit code. */
$run = function (string $script, string ...$arguments): int {
    $process = proc_open([PHP_BINARY, $script, ...$arguments], [1 => STDOUT, 2 => STDERR], $pipes);
    return $process === false ? 1 : proc_close($process);
};

$broken = $run(__FILE__, '--broken') === 3;
// 0: nothing to do, 2: an upgrade is due, 1: there is no Moodle in the database.
$state = $run($cli . 'upgrade.php', '--is-pending');
if (in_array('--check', $argv, true)) {
    exit($state === 0 && !$broken && !file_exists($ours) ? 0 : 1);
}
if ($broken) {
    fwrite(STDERR, "The installation broke off: the database holds a part of Moodle, which nobody has used. Empty it (DROP SCHEMA public CASCADE; CREATE SCHEMA public) and replace this instance.\n");
    exit(1);
}
if ($state === 2) {
    // People see that the site is being maintained, on instances of the old code too, which would fail on new tables.
    if (!file_exists($env['FILES_PATH'] . '/climaintenance.html')) {
        touch($ours);
        $run($cli . 'maintenance.php', '--enable');
    }
    $state = $run($cli . 'upgrade.php', '--non-interactive');
    if ($state !== 0) {
        fwrite(STDERR, "The upgrade failed and the site stays in maintenance. Fix what is said above, or restore the database and deploy the version before.\n");
        exit($state);
    }
}
if ($state === 0) {
    if (file_exists($ours) && ($state = $run($cli . 'maintenance.php', '--disable')) === 0) {
        unlink($ours);
    }
    exit($state);
}

exit($run(__FILE__, '--database'));
