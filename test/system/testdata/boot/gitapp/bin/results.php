<?php echo "results\n";
