<?php
require_once dirname(__DIR__) . '/config.php';
