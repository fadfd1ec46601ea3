<?php
// Answers with what an application finds on an instance: its user, database, cache, sessions, files and secrets.
require __DIR__ . '/../bin/connect.php';
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/up') {
    exit('up');
}
session_start();
$_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
$file = getenv('FILES_PATH') . '/written';
file_put_contents($file, 'shared');
header('Content-Type: application/json');
echo json_encode([
    'user' => posix_getpwuid(posix_geteuid())['name'],
    'address' => $_SERVER['REMOTE_ADDR'],
    'https' => $_SERVER['HTTPS'] ?? '',
    'host' => $_SERVER['HTTP_HOST'],
    'cipher' => connect()->query("SHOW STATUS LIKE 'Ssl_cipher'")->fetch_row()[1] !== '',
    'built' => is_numeric(trim(file_get_contents(__DIR__ . '/../built'))),
    'sessions' => ini_get('session.save_handler'),
    'count' => $_SESSION['count'],
    'linked' => file_get_contents(__DIR__ . '/uploads/written'),
    'key' => hash('sha256', getenv('APP_KEY')),
    'environment' => getenv('APP_ENV'),
    'bcmath' => function_exists('bcadd'),
]);
