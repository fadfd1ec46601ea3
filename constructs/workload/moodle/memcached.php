<?php
// The nodes of a Memcached cluster of ElastiCache, as its configuration endpoint says. Keys are spread over all of them,
// so every instance must know the same nodes.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.AddingToYourClientLibrary.html

/**
 * The nodes behind an endpoint ("host:port"): 'servers' are "host:port" in a fixed order, 'version' counts the changes of
 * the cluster, 'away' are those that do not answer now. A server that knows no configuration is the only node, and its
 * version is 0. What was found is kept on disk for five seconds; who the nodes are, for as long as the endpoint is silent.
 *
 * @return array{servers: list<string>, version: int, away: list<string>}
 */
function lectern_memcached(string $endpoint, string $folder = '/var/cache/lectern-moodle'): array {
    $file = $folder . '/memcached-' . preg_replace('/[^A-Za-z0-9.-]/', '_', $endpoint) . '.json';
    $known = is_file($file) ? json_decode((string) file_get_contents($file), true) : null;
    $age = time() - (int) @filemtime($file);
    if (is_array($known) && $age >= 0 && $age < 5) {
        return $known;
    }
    @touch($file); // other requests go on with what is known while this one asks
    $found = lectern_memcached_discover($endpoint) ?? $known ?? ['servers' => [$endpoint], 'version' => 0];
    $found['away'] = lectern_memcached_away($found['servers']);
    $new = $file . '.' . getmypid();
    if (@file_put_contents($new, json_encode($found)) === false || !@rename($new, $file)) {
        @unlink($new);
    }
    return $found;
}

/** What the endpoint itself says; null when it does not answer. */
function lectern_memcached_discover(string $endpoint): ?array {
    $socket = @stream_socket_client('tcp://' . $endpoint, $code, $message, 1);
    if ($socket === false) {
        return null;
    }
    stream_set_timeout($socket, 1);
    fwrite($socket, "config get cluster\r\n");
    $lines = [];
    while (count($lines) < 10 && ($line = fgets($socket)) !== false) {
        $line = rtrim($line, "\r\n");
        if ($line === 'END' || $line === 'ERROR' || str_starts_with($line, 'CLIENT_ERROR')) {
            fclose($socket);
            return lectern_memcached_nodes($lines) ?? ['servers' => [$endpoint], 'version' => 0];
        }
        $lines[] = $line;
    }
    fclose($socket);
    return null;
}

/** The answer is "CONFIG cluster 0 LENGTH", the version, "HOST|IP|PORT HOST|IP|PORT …" and an empty line. */
function lectern_memcached_nodes(array $lines): ?array {
    if (count($lines) < 3 || !str_starts_with($lines[0], 'CONFIG ')) {
        return null;
    }
    $servers = [];
    foreach (explode(' ', trim($lines[2])) as $node) {
        $parts = explode('|', $node);
        if (count($parts) === 3) {
            $servers[] = ($parts[0] !== '' ? $parts[0] : $parts[1]) . ':' . $parts[2];
        }
    }
    sort($servers);
    return $servers === [] ? null : ['servers' => $servers, 'version' => (int) $lines[1]];
}

/**
 * Which of the servers do not say their version within a fifth of a second, all asked at once.
 *
 * @param list<string> $servers
 * @return list<string>
 */
function lectern_memcached_away(array $servers): array {
    $asking = $waiting = [];
    foreach ($servers as $server) {
        // A connection that is not waited for is tried with one address only, and nodes of ElastiCache have IPv4.
        $colon = strrpos($server, ':');
        $address = gethostbyname(substr($server, 0, $colon)) . substr($server, $colon);
        $flags = STREAM_CLIENT_CONNECT | STREAM_CLIENT_ASYNC_CONNECT;
        $socket = @stream_socket_client('tcp://' . $address, $code, $message, 0.2, $flags);
        if ($socket !== false) {
            stream_set_blocking($socket, false);
            $asking[$server] = $socket;
        }
    }
    $answered = [];
    $end = microtime(true) + 0.2;
    while (($asking || $waiting) && ($left = (int) (($end - microtime(true)) * 1e6)) > 0) {
        [$read, $write, $except] = [$waiting, $asking, null];
        if (!@stream_select($read, $write, $except, 0, $left)) {
            break;
        }
        foreach ($write as $server => $socket) {
            unset($asking[$server]);
            if (@fwrite($socket, "version\r\n")) {
                $waiting[$server] = $socket;
            }
        }
        foreach ($read as $server => $socket) {
            unset($waiting[$server]);
            if (str_starts_with((string) fgets($socket), 'VERSION')) {
                $answered[] = $server;
            }
        }
    }
    return array_values(array_diff($servers, $answered));
}
