<?php
// SPDX-License-Identifier: GPL-3.0-or-later

defined('MOODLE_INTERNAL') || die();

$string['pluginname'] = 'Lectern Memcached';
$string['privacy:metadata'] = 'The store keeps copies of what Moodle caches, for as long as Moodle says, in Memcached. It adds nothing to them.';
