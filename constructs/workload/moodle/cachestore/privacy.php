<?php
// SPDX-License-Identifier: GPL-3.0-or-later

namespace cachestore_lectern\privacy;

/** The plugin has no data of its own. */
class provider implements \core_privacy\local\metadata\null_provider {
    public static function get_reason(): string {
        return 'privacy:metadata';
    }
}
