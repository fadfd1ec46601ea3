<?php
// Installs Moodle into an empty database, or upgrades what is there to the code of this instance, and does nothing where
// both agree. Lectern runs it on one instance of the fleet at a time. With --check it only says, by its exit code, whether
// there is nothing to do.

/** Environment of the workload; the password of the administrator is not for command lines, which everybody may read. */
$env = json_decode(file_get_contents('/run/lectern/app/environment.json'), true, 512, JSON_THROW_ON_ERROR);
$cli = '/srv/app/admin/cli/';
/** Exists while an upgrade has put the site into maintenance; people who do so themselves leave no such file. */
$ours = $env['FILES_PATH'] . '/lectern-upgrade';

/** Runs a script of Moodle in a process of its own and returns its exit code. */
$run = function (string $script, string ...$arguments) use ($cli): int {
    $process = proc_open([PHP_BINARY, $cli . $script, ...$arguments], [1 => STDOUT, 2 => STDERR], $pipes);
    return $process === false ? 1 : proc_close($process);
};

// 0: nothing to do, 2: an upgrade is due, 1: there is no Moodle in the database.
$state = $run('upgrade.php', '--is-pending');
if (in_array('--check', $argv, true)) {
    exit($state === 0 && !file_exists($ours) ? 0 : 1);
}
if ($state === 2) {
    // People see that the site is being maintained, on instances of the old code too, which would fail on new tables.
    if (!file_exists($env['FILES_PATH'] . '/climaintenance.html')) {
        touch($ours);
        $run('maintenance.php', '--enable');
    }
    $state = $run('upgrade.php', '--non-interactive');
    if ($state !== 0) {
        fwrite(STDERR, "The upgrade failed and the site stays in maintenance. Fix what is said above, or restore the database and deploy the version before.\n");
        exit($state);
    }
}
if ($state === 0) {
    if (file_exists($ours) && ($state = $run('maintenance.php', '--disable')) === 0) {
        unlink($ours);
    }
    exit($state);
}

// The script below reads its arguments from here, as if they had been on its command line.
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
unset($env, $run, $state, $ours);
require($cli . 'install_database.php');
