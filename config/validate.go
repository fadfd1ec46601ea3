package config

// validate checks what the values say together; single values were checked
// against Keys while decoding.
func (f File) validate() Problems { return nil }

func identityKeys() []Key     { return nil }
func domainKeys() []Key       { return nil }
func networkKeys() []Key      { return nil }
func edgeKeys() []Key         { return nil }
func loadBalancerKeys() []Key { return nil }
func capacityKeys() []Key     { return nil }
func computeKeys() []Key      { return nil }
func databaseKeys() []Key     { return nil }
func cacheKeys() []Key        { return nil }
func storageKeys() []Key      { return nil }
func logsKeys() []Key         { return nil }
