<?php
require __DIR__ . '/connect.php';
connect()->query('CREATE TABLE IF NOT EXISTS ticks (id INT AUTO_INCREMENT PRIMARY KEY, began DATETIME(3) NOT NULL, ended DATETIME(3))');
echo "the table is there\n";
