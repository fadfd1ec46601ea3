<?php
// The nodes of a Memcached cluster of ElastiCache, as its configuration endpoint says. Keys are spread over all of them,
// so every instance must know the same nodes.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.AddingToYourClientLibrary.html

/**
 * The nodes behind an endpoint ("host:port"): 'servers' are "host:port" in a fixed order, 'version' counts the changes of
 * the cluster. A server that knows no configuration is the only node, and its version is 0. What was found is kept on
 * disk for half a minute, and for longer while nobody answers.
 *
 * @return array{servers: list<string>, version: int}
 */
function lectern_memcached(string $endpoint, string $folder = '/var/cache/lectern-moodle'): array {
    $file = $folder . '/memcached-' . preg_replace('/[^A-Za-z0-9.-]/', '_', $endpoint) . '.json';
    $known = is_file($file) ? json_decode((string) file_get_contents($file), true) : null;
    $age = time() - (int) @filemtime($file);
    if (is_array($known) && $age >= 0 && $age < 30) {
        return $known;
    }
    $found = lectern_memcached_discover($endpoint);
    if ($found === null) {
        if (!is_array($known)) {
            return ['servers' => [$endpoint], 'version' => 0];
        }
        @touch($file, time() - 25); // ask again in five seconds, not in every request
        return $known;
    }
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
