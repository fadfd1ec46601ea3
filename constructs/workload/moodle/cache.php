<?php
// Puts Moodle's application caches into the Memcached cluster of that purpose. With --check it only says, by its exit
// code, whether they are there.

define('CLI_SCRIPT', true);
require('/srv/app/config.php');

use core_cache\store;

const STORE = 'lectern';

$config = core_cache\config_writer::instance();
$stores = array_column($config->get_mode_mappings(), 'store', 'mode');
if (($stores[store::MODE_APPLICATION] ?? '') === STORE && isset($config->get_all_stores()[STORE])) {
    exit(0);
}
if (in_array('--check', $argv, true)) {
    exit(1);
}
if (!isset($config->get_all_stores()[STORE])) {
    $config->add_store_instance(STORE, 'lectern');
}
$config->set_mode_mappings([
    store::MODE_APPLICATION => [STORE],
    store::MODE_SESSION => [$stores[store::MODE_SESSION] ?? 'default_session'],
    store::MODE_REQUEST => [$stores[store::MODE_REQUEST] ?? 'default_request'],
]);
core_cache\helper::purge_all();
mtrace('application caches are in Memcached now');
