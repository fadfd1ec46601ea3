<?php
// One connection to the database that the environment names, with its certificate checked.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);

function connect(): mysqli
{
    $db = mysqli_init();
    $db->options(MYSQLI_OPT_SSL_VERIFY_SERVER_CERT, 1);
    $db->ssl_set(null, null, getenv('DATABASE_CA'), null, null);
    $db->real_connect(getenv('DATABASE_HOST'), getenv('DATABASE_USERNAME'), getenv('DATABASE_PASSWORD'), getenv('DATABASE_NAME'),
        (int) getenv('DATABASE_PORT'), null, MYSQLI_CLIENT_SSL);
    return $db;
}
