package stacks

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/cache"
	"github.com/lectern/lectern/constructs/edge"
	"github.com/lectern/lectern/constructs/observe"
	"github.com/lectern/lectern/runtime/contract"
)

// configuration is what instances of one role read at boot. Secrets are in it by
// ARN only. content is where the role publishes the keys of grants, nil where it does not.
func configuration(p plan.Plan, d dataStack, s service, f front, w workloadPart, content *edge.ContentFunction, logs *observe.LogGroup, role contract.Role) contract.Config {
	c := contract.Config{
		Client:    p.Client,
		Workload:  p.Workload,
		Role:      role,
		Region:    p.Region,
		Port:      p.Needs.Port,
		PublicURL: publicURL(p, f),
		PlayerURL: playerURL(p, f),
		Proxies:   p.Edge.Proxies,
		Recipe:    w.recipe,
		Logs:      contract.Logs{Group: *logs.Name()},
	}
	if p.Needs.Players {
		c.Keeps = contract.Keeps{BackupDays: p.Database.BackupDays, ObjectVersionDays: p.Storage.NoncurrentDays, LogDays: p.LogRetentionDays}
	}
	if d.signing != nil {
		c.Signing = contract.Signing{SecretARN: *d.signing.Arn()}
	}
	if content != nil {
		c.Edge = contract.Edge{KeyValueStoreARN: *content.StoreArn()}
	}
	if d.database != nil {
		c.Database = contract.Database{
			Engine:    p.Database.Engine,
			Host:      *d.database.Host(),
			ReadHost:  optional(d.database.ReadHost()),
			Port:      strconv.Itoa(p.Database.Port),
			Name:      p.Database.Name,
			SecretARN: *d.database.SecretArn(),
			TLSMode:   contract.TLSVerifyFull,
		}
	}
	if s.proxy != nil {
		c.Database.Host, c.Database.ReadHost = *s.proxy.Host(), optional(s.proxy.ReadHost())
	}
	switch {
	case d.content != nil:
		c.ObjectStore = contract.ObjectStore{Kind: contract.StoreS3, Bucket: *d.content.Name(), Region: p.Region}
	case d.storeKeys != nil:
		c.ObjectStore = contract.ObjectStore{
			Kind: contract.StoreS3Compatible, Bucket: p.Storage.Bucket, Region: p.Storage.Region,
			Endpoint: p.Storage.Endpoint, SecretARN: *d.storeKeys.Arn(),
		}
	}
	switch {
	case s.valkey != nil:
		c.Cache = valkey(s.valkey)
	case s.memcached != nil:
		c.Cache = contract.Cache{Engine: contract.CacheMemcached}
		for _, name := range p.Cache.Clusters {
			c.Cache.Clusters = append(c.Cache.Clusters, contract.CacheEndpoint{
				Name: name, Host: *s.memcached.Host(name), Port: strconv.Itoa(p.Cache.Port),
			})
		}
	}
	if s.locks != nil {
		c.Locks = valkey(s.locks)
	}
	if d.queue != nil {
		c.Queue = contract.Queue{URL: *d.queue.Url(), DeadLetterURL: *d.queue.DeadLetterUrl(), Dedicated: p.Workers.Enabled}
	}
	if d.files != nil {
		c.Files = contract.Files{FileSystemID: *d.files.Id(), AccessPointID: *d.files.AccessPointId(), MountPath: p.Files.MountPath}
	}
	for name, secret := range d.secrets {
		if c.Secrets == nil {
			c.Secrets = map[string]string{}
		}
		c.Secrets[name] = *secret.Arn()
	}
	return c
}

func valkey(r *cache.ReplicationGroup) contract.Cache {
	return contract.Cache{
		Engine: contract.CacheValkey, Host: *r.PrimaryHost(), Port: strconv.Itoa(r.Port()),
		TLS: true, SecretARN: *r.SecretArn(),
	}
}

// writeConfiguration puts it into a parameter and returns the parameter's name. The
// name is a literal because user data cannot hold a reference to another stack, and
// the role's permission names it; it is unique by client and region.
func writeConfiguration(stack cdk.Stack, id string, c contract.Config) (string, awsssm.CfnParameter, error) {
	text, err := c.JSON()
	if err != nil {
		return "", nil, err
	}
	name := "/lectern/" + c.Client + "/" + string(c.Role)
	return name, awsssm.NewCfnParameter(stack, &id, &awsssm.CfnParameterProps{
		Name:        &name,
		Type:        new("String"),
		Description: new("Configuration that the Lectern runtime reads at boot; secrets by ARN only"),
		Value:       &text,
	}), nil
}

// revision changes when what an instance reads at boot does, and only then, so that
// a changed plan replaces instances when it has to and not when the database merely
// grows. Values that are known only after a deployment stand in it as references: to another resource when that is
// another one.
func revision(stack cdk.Stack, c contract.Config) string {
	c.Keeps = contract.Keeps{} // what receipts say may wait for the next boot
	text, err := c.JSON()
	if err != nil {
		panic("stacks: " + err.Error())
	}
	content, err := json.Marshal(stack.Resolve(text))
	if err != nil {
		panic("stacks: a configuration that is not JSON: " + err.Error())
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:6])
}

func optional(token *string) string {
	if token == nil {
		return ""
	}
	return *token
}
