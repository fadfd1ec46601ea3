<?php
define('CLI_SCRIPT', true);
require dirname(__DIR__, 2) . '/config.php';

$file = $CFG->dataroot . '/climaintenance.html';
if (in_array('--enable', $argv, true)) {
    file_put_contents($file, 'maintenance');
} elseif (in_array('--disable', $argv, true)) {
    unlink($file);
}
