<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Application caches in a Memcached cluster. Moodle's own store for Memcached went away with 4.2.
 *
 * Memcached cannot remove all keys of one cache. So each cache has a generation, itself a key, and every value carries the
 * generation it was made in: a purge replaces the generation, and older values are not believed any more. Value and
 * generation are read in one go, so that every instance sees a purge at its next read. A generation is random: one that
 * was evicted never comes back.
 *
 * What could not be removed or replaced must not be read later, when its node is back: then the generation is replaced. Only
 * where that fails too, and the node comes back with its memory, can a value be old; Moodle's "purge all caches" ends that.
 *
 * A page asks for hundreds of values. So a node that does not answer is not asked again in the same request, and is away for
 * all requests of the instance until it answers lectern_memcached_away, which is tried every five seconds.
 *
 * The store guarantees nothing, as Memcached evicts; caches that need a guarantee stay where Moodle puts them.
 */
class cachestore_lectern extends \core_cache\store {
    /** Seconds from which on Memcached takes an expiry for a date. */
    private const LONGEST_TTL = 30 * 24 * 3600;

    private string $name;
    private ?\Memcached $client = null;
    private ?\core_cache\definition $definition = null;
    /** Begins all keys: of the store, and of the cache. */
    private string $base = '';
    private string $prefix = '';
    /** Nodes that are not asked, "host:port" => true; all instances of the store in this process share it. */
    private static array $away = [];
    /** When nodes were last tried because one failed, in seconds. */
    private static float $tried = 0;
    /** The generation that was last seen; null when it is not known. */
    private ?string $generation = null;

    public function __construct($name, array $configuration = []) {
        global $CFG;
        $this->name = $name;
        $cluster = $CFG->lectern_application_cache ?? null;
        if (empty($cluster['servers']) || !self::are_requirements_met()) {
            return;
        }
        // After a change of the cluster keys are on other nodes, where old values may be.
        $this->base = 'm' . $cluster['version'] . '.';
        $this->client = self::connect($cluster['servers']);
        self::$away += array_fill_keys($cluster['away'], true);
    }

    /** One connection for each process of PHP and list of servers. */
    private static function connect(array $servers): \Memcached {
        $client = new \Memcached('lectern.' . sha1(implode(',', $servers)));
        if ($client->getServerList() === []) {
            $client->setOptions([
                \Memcached::OPT_LIBKETAMA_COMPATIBLE => true,
                \Memcached::OPT_TCP_NODELAY => true,
                \Memcached::OPT_CONNECT_TIMEOUT => 200,      // milliseconds
                \Memcached::OPT_POLL_TIMEOUT => 200,         // milliseconds
                \Memcached::OPT_SEND_TIMEOUT => 200_000,     // microseconds
                \Memcached::OPT_RECV_TIMEOUT => 200_000,
                \Memcached::OPT_SERIALIZER => \Memcached::SERIALIZER_PHP,
            ]);
            foreach ($servers as $server) {
                $colon = strrpos($server, ':');
                $client->addServer(substr($server, 0, $colon), (int) substr($server, $colon + 1));
            }
        }
        return $client;
    }

    public static function are_requirements_met() {
        return class_exists('Memcached');
    }

    public static function is_supported_mode($mode) {
        return $mode === self::MODE_APPLICATION;
    }

    public static function get_supported_modes(array $configuration = []) {
        return self::MODE_APPLICATION;
    }

    public static function get_supported_features(array $configuration = []) {
        return self::SUPPORTS_NATIVE_TTL | self::DEREFERENCES_OBJECTS;
    }

    public function is_ready() {
        return $this->client !== null;
    }

    public function my_name() {
        return $this->name;
    }

    public function initialise(\core_cache\definition $definition) {
        $this->definition = $definition;
        $this->prefix = $this->base . $definition->generate_definition_hash() . '.';
        $this->generation = null;
    }

    public function is_initialised() {
        return $this->definition !== null;
    }

    public function get($key) {
        return $this->get_many([$key])[$key];
    }

    public function get_many($keys) {
        $values = array_fill_keys($keys, false);
        $names = [];
        foreach ($keys as $key) {
            $name = $this->name_of($key);
            if ($this->reachable($name)) {
                $names[$name] = $key;
            }
        }
        $this->generation = null;
        if (!$this->reachable($this->generation_name())) {
            return $values;
        }
        $found = $this->client->getMulti(array_merge([$this->generation_name()], array_keys($names)));
        $this->notice();
        $this->generation = is_array($found) ? ($found[$this->generation_name()] ?? null) : null;
        if ($this->generation === null) {
            return $values;
        }
        foreach ($names as $name => $key) {
            [$generation, $value] = $found[$name] ?? [null, false];
            if ($generation === $this->generation) {
                $values[$key] = $value;
            }
        }
        return $values;
    }

    public function set($key, $data) {
        $generation = $this->known_generation();
        if ($generation === null) {
            return false;
        }
        $name = $this->name_of($key);
        if ($this->reachable($name) && $this->client->set($name, [$generation, $data], $this->expiry())) {
            return true;
        }
        $this->notice();
        $this->delete($key); // too large, or its node is away: the value before must not stay
        return false;
    }

    public function set_many(array $keyvaluearray) {
        $done = 0;
        foreach ($keyvaluearray as $pair) {
            $done += (int) $this->set($pair['key'], $pair['value']);
        }
        return $done;
    }

    public function delete($key) {
        $name = $this->name_of($key);
        if ($this->reachable($name)) {
            if ($this->client->delete($name)) {
                return true;
            }
            if ($this->client->getResultCode() === \Memcached::RES_NOTFOUND) {
                return false;
            }
            $this->notice();
        }
        $this->purge();
        return false;
    }

    public function delete_many(array $keys) {
        $done = 0;
        foreach ($keys as $key) {
            $done += (int) $this->delete($key);
        }
        return $done;
    }

    public function purge() {
        $new = bin2hex(random_bytes(8));
        $done = $this->reachable($this->generation_name()) && $this->client->set($this->generation_name(), $new);
        $this->generation = $done ? $new : null;
        return $done;
    }

    /** The generation, a new one where there is none; null when its node is away. */
    private function known_generation(): ?string {
        if ($this->generation === null && $this->reachable($this->generation_name())) {
            $new = bin2hex(random_bytes(8));
            $added = $this->client->add($this->generation_name(), $new);
            $now = $added ? $new : $this->client->get($this->generation_name());
            $this->notice();
            $this->generation = is_string($now) ? $now : null;
        }
        return $this->generation;
    }

    /** Whether the node of a key may be asked. */
    private function reachable(string $name): bool {
        if (self::$away === []) {
            return true;
        }
        $server = $this->client->getServerByKey($name);
        return $server !== false && !isset(self::$away[$server['host'] . ':' . $server['port']]);
    }

    /** Finds out who is away when the last operation says that somebody is. */
    private function notice(): void {
        $fine = [\Memcached::RES_SUCCESS, \Memcached::RES_NOTFOUND, \Memcached::RES_NOTSTORED, \Memcached::RES_E2BIG];
        if (in_array($this->client->getResultCode(), $fine, true) || microtime(true) - self::$tried < 1) {
            return;
        }
        self::$tried = microtime(true);
        $servers = array_map(fn($server) => $server['host'] . ':' . $server['port'], $this->client->getServerList());
        self::$away = array_fill_keys(lectern_memcached_away($servers), true);
    }

    private function generation_name(): string {
        return $this->prefix . 'generation';
    }

    /** Memcached takes 250 characters without blanks; Moodle's keys may be any text. */
    private function name_of($key): string {
        return $this->prefix . 'k' . sha1((string) $key);
    }

    private function expiry(): int {
        $ttl = (int) $this->definition->get_ttl();
        return $ttl > self::LONGEST_TTL ? time() + $ttl : $ttl;
    }

    public static function initialise_test_instance(\core_cache\definition $definition) {
        $store = new self('lectern test');
        if (!$store->is_ready()) {
            return false;
        }
        $store->initialise($definition);
        return $store;
    }

    public static function unit_test_configuration() {
        return [];
    }
}
