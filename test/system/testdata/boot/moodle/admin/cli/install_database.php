<?php
// Installs into an empty database, and into no other, as Moodle's script does. It takes long enough for another instance to come by.
define('CLI_SCRIPT', true);
require dirname(__DIR__, 2) . '/config.php';

$options = [];
foreach (array_slice($_SERVER['argv'], 1) as $argument) {
    [$name, $value] = explode('=', ltrim($argument, '-'), 2) + [1 => true];
    $options[$name] = $value;
}
foreach (['agree-license', 'lang', 'fullname', 'shortname', 'adminuser', 'adminemail', 'adminpass'] as $name) {
    if (empty($options[$name])) {
        fwrite(STDERR, "--$name is missing\n");
        exit(1);
    }
}
if (installed() !== null) {
    fwrite(STDERR, "Database tables already present; CLI installation cannot continue\n");
    exit(2);
}
query('CREATE TABLE mdl_config (name text PRIMARY KEY, value text)');
query('CREATE TABLE mdl_log (id serial PRIMARY KEY, host text, what text)');
query('CREATE TABLE mdl_user (username text PRIMARY KEY, password text, email text)');
mtrace('-->System');
sleep(6);
query('INSERT INTO mdl_user VALUES ($1, $2, $3)', $options['adminuser'], password_hash($options['adminpass'], PASSWORD_DEFAULT), $options['adminemail']);
query('INSERT INTO mdl_config VALUES ($1, $2)', 'fullname', $options['fullname']);
query('INSERT INTO mdl_config VALUES ($1, $2)', 'version', version());
query('INSERT INTO mdl_config VALUES ($1, $2)', 'rolesactive', '1');
query('INSERT INTO mdl_log (host, what) VALUES ($1, $2)', gethostname(), 'installed ' . version());
mtrace('Installation completed successfully.');
