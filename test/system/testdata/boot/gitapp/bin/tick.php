<?php
// A job that takes a while: whoever stops the instance has to wait for it.
require __DIR__ . '/connect.php';
$db = connect();
$db->query('INSERT INTO ticks (began) VALUES (NOW(3))');
$id = $db->insert_id;
echo "tick $id begins\n";
sleep(3);
$db->query("UPDATE ticks SET ended = NOW(3) WHERE id = $id");
echo "tick $id ends\n";
