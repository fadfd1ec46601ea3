<?php echo "newsletter\n";
