package cache

import (
	"errors"
	"fmt"
	"time"
)

// MinLife is the shortest life of anything in a cache, and the unit it is counted in.
const MinLife = time.Millisecond

func checkKey(key string) error {
	if key == "" {
		return errors.New("cache: the key is empty")
	}
	return nil
}

func checkEntry(key string, life time.Duration) error {
	if life < MinLife {
		return fmt.Errorf("cache: %q shall live for %s; at least %s", key, life, MinLife)
	}
	return checkKey(key)
}
