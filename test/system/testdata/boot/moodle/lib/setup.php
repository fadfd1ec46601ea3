<?php
// What config.php ends with. This tree stands for Moodle in a test of boots: it installs, upgrades and answers through the
// same scripts and settings, with one table instead of five hundred.

require __DIR__ . '/cache.php';

/** The connection that Moodle makes with these settings. */
function database(): \PgSql\Connection {
    global $CFG;
    static $connection = null;
    return $connection ??= pg_connect(sprintf("host='%s' port='%s' dbname='%s' user='%s' password='%s' sslmode='%s' connect_timeout=5",
        $CFG->dbhost, $CFG->dboptions['dbport'], $CFG->dbname, addcslashes($CFG->dbuser, "'\\"), addcslashes($CFG->dbpass, "'\\"),
        $CFG->dboptions['ssl'] ?? 'disable')) ?: throw new RuntimeException('the database does not answer');
}

function query(string $sql, mixed ...$values): array {
    return pg_fetch_all(pg_query_params(database(), $sql, $values) ?: throw new RuntimeException('the database refuses: ' . pg_last_error(database())));
}

/** What scripts ask the database through. */
class moodle_database {
    public function get_tables(): array {
        return array_column(query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'mdl\\_%'"), 'tablename');
    }
}

/** The version in the database; null before the installation. */
function installed(): ?string {
    if (query("SELECT to_regclass('mdl_config') AS found")[0]['found'] === null) {
        return null;
    }
    return query("SELECT value FROM mdl_config WHERE name = 'version'")[0]['value'] ?? null;
}

function mtrace(string $line): void {
    echo $line, "\n";
}

/** That of the code. */
function version(): string {
    require dirname(__DIR__) . '/version.php';
    return sprintf('%.2f', $version);
}

// An installation that broke off has tables and no rolesactive; this one has all or nothing.
$CFG->rolesactive = '1';
$DB = new class {
    public function get_tables(): array {
        return array_column(query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"), 'tablename');
    }
};

global $DB;
$DB = new moodle_database();
if (installed() !== null) {
    $CFG->rolesactive = query("SELECT value FROM mdl_config WHERE name = 'rolesactive'")[0]['value'] ?? '';
}
