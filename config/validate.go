package config

// rule checks what several keys say together.
type rule func(f File) Problems

// rules are all rules of a client file, section by section.
func rules() []rule {
	return []rule{
		nameIsFileName, tagLimits,
		domainIsComplete, playersHaveAZone, certificatesFit,
		cidrIsPrivate, zonesOfRegion, natGatewaysFitZones,
		originPrefixListKnown, firewallFits, shieldAcknowledged,
		networkLoadBalancer, listenerRules,
		capacityOrder,
		databaseDeployment, databaseClass, databaseStorage, serverlessCapacity,
		cacheReplicas, objectStore,
		weakeningsHaveReasons,
	}
}

// validate checks what the values say together; single values were checked
// against Keys while decoding.
func (f File) validate() Problems {
	var problems Problems
	for _, check := range rules() {
		problems = append(problems, check(f)...)
	}
	return problems
}
