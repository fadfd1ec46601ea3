<?php
define('CLI_SCRIPT', true);
require dirname(__DIR__, 2) . '/config.php';

query('INSERT INTO mdl_log (host, what) VALUES ($1, $2)', gethostname(), 'cron');
mtrace('Cron run completed correctly');
