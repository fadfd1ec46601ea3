package config

import (
	"fmt"
	"regexp"
)

// Kinds of object store.
const (
	StorageS3           = "s3"
	StorageS3Compatible = "s3-compatible"
)

func cacheKeys() []Key {
	return []Key{
		{Path: "cache.engine", OneOf: []string{"valkey", "memcached", "none"}, Noun: "a cache"},
		{
			Path: "cache.nodeType", Noun: "a node type", Example: "cache.m7g.large",
			Pattern: regexp.MustCompile(`^cache\.[a-z][a-z0-9-]*[0-9][a-z0-9-]*\.(micro|small|medium|large|[0-9]*xlarge)$`),
		},
		{Path: "cache.replicas", Min: 0, Max: 5},
	}
}

func storageKeys() []Key {
	return []Key{
		{Path: "storage.kind", OneOf: []string{StorageS3, StorageS3Compatible}, Noun: "a kind of object store"},
		{
			Path: "storage.endpoint", Noun: "an https URL without a path", Example: "https://0123456789abcdef.r2.cloudflarestorage.com",
			Pattern: regexp.MustCompile(`^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?$`),
		},
		{Path: "storage.bucket", Pattern: regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`), Noun: "the name of a bucket", Example: "content-demo"},
		{Path: "storage.region", Pattern: regexp.MustCompile(`^[a-z0-9-]{2,40}$`), Noun: "the name of a region", Example: "auto"},
		{Path: "storage.noncurrentDays", Unit: "days", Min: 1, Max: 3650},
	}
}

func logKeys() []Key {
	return []Key{{
		Path: "logs.retentionDays", Unit: "days", Noun: "a retention that CloudWatch Logs knows",
		Numbers: []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827},
	}}
}

func cacheReplicas(f File) Problems {
	engine := f.Client.Cache.Engine
	var problems Problems
	if f.Stated("cache.replicas") && (engine == "memcached" || engine == "none") {
		problems = append(problems, f.Problem("cache.replicas", fmt.Sprintf("the cache %s has no replicas", engine), "remove it, or set cache.engine: valkey"))
	}
	if f.Stated("cache.nodeType") && engine == "none" {
		problems = append(problems, f.Problem("cache.nodeType", "there is no cache", "remove it, or set cache.engine"))
	}
	return problems
}

func objectStore(f File) Problems {
	var problems Problems
	compatible := f.Client.Storage.Kind == StorageS3Compatible
	for _, key := range []string{"endpoint", "bucket", "region"} {
		path := "storage." + key
		switch stated := f.Stated(path); {
		case compatible && !stated:
			problems = append(problems, f.Problem(path, "an s3-compatible store needs it", "add it, or set storage.kind: s3"))
		case !compatible && stated:
			problems = append(problems, f.Problem(path, "the deployment makes the S3 bucket and knows it", "remove it, or set storage.kind: s3-compatible"))
		}
	}
	if compatible && f.Stated("storage.noncurrentDays") {
		problems = append(problems, f.Problem("storage.noncurrentDays", "an s3-compatible store keeps its own versions", "remove it and set it there"))
	}
	return problems
}
