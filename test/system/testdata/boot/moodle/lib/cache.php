<?php
namespace core_cache;

// As much of Moodle's caches as its configuration is changed through. Where it is kept is shared by all instances.

class store {
    const MODE_APPLICATION = 1;
    const MODE_SESSION = 2;
    const MODE_REQUEST = 4;
}

class helper {
    public static function purge_all(): void {
        \mtrace('all caches are purged');
    }
}

class config_writer {
    private array $content;

    public static function instance(): self {
        return new self();
    }

    private function __construct() {
        $this->content = is_file($this->file()) ? json_decode(file_get_contents($this->file()), true) : ['stores' => [], 'mappings' => []];
    }

    private function file(): string {
        global $CFG;
        return $CFG->dataroot . '/muc.json';
    }

    public function get_all_stores(): array {
        return $this->content['stores'];
    }

    public function get_mode_mappings(): array {
        return $this->content['mappings'];
    }

    public function add_store_instance(string $name, string $plugin): void {
        if (!is_file(dirname(__DIR__) . "/public/cache/stores/$plugin/lib.php")) {
            throw new \RuntimeException("there is no plugin $plugin");
        }
        $this->content['stores'][$name] = ['plugin' => $plugin];
        $this->save();
    }

    public function set_mode_mappings(array $mappings): void {
        $this->content['mappings'] = [];
        foreach ($mappings as $mode => $stores) {
            foreach ($stores as $store) {
                $this->content['mappings'][] = ['mode' => $mode, 'store' => $store];
            }
        }
        $this->save();
    }

    private function save(): void {
        file_put_contents($this->file(), json_encode($this->content));
    }
}
