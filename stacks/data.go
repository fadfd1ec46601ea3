package stacks

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/database"
	"github.com/lectern/lectern/constructs/files"
	"github.com/lectern/lectern/constructs/queue"
	"github.com/lectern/lectern/constructs/secrets"
	"github.com/lectern/lectern/constructs/storage"
)

// dataStack is everything that is kept. A field is nil where the client has no such
// piece.
type dataStack struct {
	key       *secrets.Key
	logs      *storage.LogBucket
	content   *storage.ContentBucket
	storeKeys *secrets.Operated
	signing   *secrets.Generated
	database  *database.Database
	files     *files.FileSystem
	queue     *queue.Queue
	revisions *storage.RevisionBucket
	// secrets of the workload by name.
	secrets map[string]secret
}

// contentAtTheEdge says whether the distribution reads objects from a bucket of the client's.
func contentAtTheEdge(p plan.Plan) bool {
	return p.Edge.CDN && p.Storage.Enabled && p.Storage.Kind == "s3" && p.Needs.ContentPath != ""
}

// signingSecretLength in letters and digits: over 380 bits, in the bytes that an instance derives keys from.
const signingSecretLength = 64

func newData(stack cdk.Stack, p plan.Plan, n networkStack) dataStack {
	var d dataStack

	// 1. The key that everything here is encrypted with.
	d.key = secrets.NewKey(stack, "Key", secrets.KeyProps{
		Description:      "Data of the Lectern client " + p.Client,
		ServesCloudFront: contentAtTheEdge(p),
	})

	// 2. Buckets.
	d.logs = storage.NewLogBucket(stack, "Logs", storage.LogProps{
		Sources:    logSources(p),
		ExpireDays: p.LogRetentionDays,
	})
	d.objectStore(stack, p)

	// 3. What links are signed with.
	if p.Needs.SigningSecret {
		d.signing = secrets.NewGenerated(stack, "SigningSecret", secrets.GeneratedProps{
			Description: "Launch links, sessions and content grants of the Lectern client " + p.Client + " are signed with keys derived from it",
			Length:      signingSecretLength,
			KeyArn:      d.key.Arn(),
		})
	}

	// 4. Database.
	if p.Database.Enabled {
		d.relational(stack, p, n)
	}

	// 5. Shared files and the queue.
	if p.Files.Enabled {
		d.files = files.New(stack, "Files", files.Props{
			Zones:            mountZones(p, n),
			SecurityGroupIDs: []*string{n.groups.Files},
			Path:             p.Files.Path,
			UID:              p.Files.UID,
			GID:              p.Files.GID,
			KeyArn:           d.key.Arn(),
		})
	}
	if p.Queue.Enabled {
		d.queue = queue.New(stack, "Queue", queue.Props{
			VisibilityTimeoutSeconds: p.Queue.VisibilitySeconds,
			MaxReceiveCount:          p.Queue.MaxReceives,
			RetentionDays:            queue.MaxRetentionDays - 1,
			KeyArn:                   d.key.Arn(),
		})
	}

	// 6. What only the workload knows: its secrets and its released code.
	d.workloadSecrets(stack, p)
	if p.Revisions.Enabled {
		d.revisions = storage.NewRevisionBucket(stack, "Revisions", storage.RevisionProps{
			LogBucketName: d.logs.Name(),
			KeyArn:        d.key.Arn(),
		})
	}

	// 7. The database comes last.
	if d.database != nil {
		d.createLast(stack)
	}
	return d
}

// createLast makes the database wait for all else in the stack; for the key it waits by referring to it.
func (d *dataStack) createLast(stack cdk.Stack) {
	for _, child := range *stack.Node().Children() {
		if id := *child.Node().Id(); id != *d.database.Node().Id() && id != *d.key.Node().Id() {
			d.database.CreateAfter(child)
		}
	}
}

// logSources are what writes into the log bucket.
func logSources(p plan.Plan) []storage.LogSource {
	sources := []storage.LogSource{storage.LoadBalancerLogs}
	if p.LoadBalancer.Type == "network" {
		sources = []storage.LogSource{storage.NetworkLoadBalancerLogs}
	}
	if p.Edge.AccessLogs {
		sources = append(sources, storage.CloudFrontLogs)
	}
	if p.Storage.Kind == "s3" || p.Revisions.Enabled {
		sources = append(sources, storage.BucketLogs)
	}
	return sources
}

func (d *dataStack) objectStore(stack cdk.Stack, p plan.Plan) {
	switch {
	case !p.Storage.Enabled:
	case p.Storage.Kind == "s3":
		d.content = storage.NewContentBucket(stack, "Content", storage.ContentProps{
			NoncurrentDays: p.Storage.NoncurrentDays,
			UploadOrigins:  origins(p),
			LogBucketName:  d.logs.Name(),
			KeyArn:         d.key.Arn(),
		})
	default:
		d.storeKeys = secrets.NewOperated(stack, "ObjectStoreKeys", secrets.OperatedProps{
			Description: "Keys of the bucket " + p.Storage.Bucket + " at " + p.Storage.Endpoint,
			Fields:      []string{"accessKeyId", "secretAccessKey"},
			KeyArn:      d.key.Arn(),
		})
	}
}

// origins are the console's pages, which may upload straight to the bucket, and no player's. Without a domain the page is
// at CloudFront's own name, which nobody knows before the deployment and the bucket must not depend on: then they are any.
// A presigned URL is the permission in itself, short-lived and for one key; whoever has one needs no page to use it.
func origins(p plan.Plan) []string {
	if !p.Domain.Enabled {
		return []string{"*"}
	}
	var list []string
	for _, name := range p.Domain.Names {
		list = append(list, "https://"+name)
	}
	return list
}

func (d *dataStack) relational(stack cdk.Stack, p plan.Plan, n networkStack) {
	props := database.Props{
		Deployment:          database.Deployment(p.Database.Deployment),
		Engine:              database.Engine(p.Database.Engine),
		EngineVersion:       p.Database.Version,
		InstanceClass:       p.Database.Class,
		DatabaseName:        p.Database.Name,
		MasterUsername:      p.Database.Name,
		Port:                p.Database.Port,
		StorageType:         p.Database.StorageType,
		StorageGiB:          p.Database.StorageGiB,
		MaxStorageGiB:       p.Database.MaxStorageGiB,
		IOPS:                p.Database.IOPS,
		MinACU:              p.Database.MinACU,
		MaxACU:              p.Database.MaxACU,
		BackupRetentionDays: p.Database.BackupDays,
		BackupWindow:        p.Windows.Backup,
		MaintenanceWindow:   p.Windows.Maintenance,
		DeletionProtection:  p.Database.DeletionProtection,
		SubnetIDs:           n.IsolatedSubnetIDs(),
		SecurityGroupIDs:    []*string{n.groups.Database},
		KeyArn:              d.key.Arn(),
	}
	switch props.Deployment {
	case database.Instance:
		props.MultiAZ = p.Database.MultiAZ
	case database.Aurora, database.AuroraServerless:
		props.Readers = p.Database.Replicas
		for _, z := range p.Network.Zones {
			props.Zones = append(props.Zones, z.Name)
		}
	}
	if props.Deployment == database.AuroraServerless {
		props.InstanceClass = ""
	}
	d.database = database.New(stack, "Database", props)
}

func mountZones(p plan.Plan, n networkStack) []files.Zone {
	var zones []files.Zone
	for i, z := range p.Network.Zones {
		zones = append(zones, files.Zone{Letter: z.Letter, SubnetID: n.IsolatedSubnetIDs()[i]})
	}
	return zones
}
