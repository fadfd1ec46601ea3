<?php echo "tidy\n";
