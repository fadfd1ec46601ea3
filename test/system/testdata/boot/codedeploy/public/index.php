<?php
// Answers with what a site finds on an instance: its user, database, cache, files and settings.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$db = mysqli_init();
$db->options(MYSQLI_OPT_SSL_VERIFY_SERVER_CERT, 1);
$db->ssl_set(null, null, getenv('DATABASE_CA'), null, null);
$db->real_connect(getenv('DATABASE_HOST'), getenv('DATABASE_USERNAME'), getenv('DATABASE_PASSWORD'), getenv('DATABASE_NAME'),
    (int) getenv('DATABASE_PORT'), null, MYSQLI_CLIENT_SSL);
session_start();
$_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
file_put_contents(getenv('FILES_PATH') . '/written', 'shared');
header('Content-Type: application/json');
echo json_encode([
    'user' => posix_getpwuid(posix_geteuid())['name'],
    'path' => parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH),
    'https' => $_SERVER['HTTPS'] ?? '',
    'cipher' => $db->query("SHOW STATUS LIKE 'Ssl_cipher'")->fetch_row()[1] !== '',
    'sessions' => ini_get('session.save_handler'),
    'count' => $_SESSION['count'],
    'linked' => file_get_contents(__DIR__ . '/uploads/written'),
    'name' => getenv('SITE_NAME'),
]);
