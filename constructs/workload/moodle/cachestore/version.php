<?php
// SPDX-License-Identifier: GPL-3.0-or-later

defined('MOODLE_INTERNAL') || die();

$plugin->component = 'cachestore_lectern';
$plugin->version = 2026112100;
$plugin->requires = 2025100600; // Moodle 5.1
$plugin->maturity = MATURITY_STABLE;
