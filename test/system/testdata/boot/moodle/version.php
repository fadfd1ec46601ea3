<?php
$version = 2026042002.00;
$release = '5.2.2 (stand-in)';
