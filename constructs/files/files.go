// Package files declares the EFS file system for workloads whose servers share
// files (uploads, moodledata). Code does not belong on it: every request would
// wait for the network.
package files

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/internal/retention"
	"github.com/lectern/lectern/constructs/internal/tokens"
)

// Zone is where one mount target lives.
type Zone struct {
	// Letter names the zone within its region: "a", "b", "c".
	Letter   string
	SubnetID *string
}

// Props configures the file system.
type Props struct {
	// Zones get one mount target each, so that no server crosses zones to reach its files.
	Zones            []Zone
	SecurityGroupIDs []*string
	// Path is the directory that clients see as their root, created on first use.
	Path string
	// UID and GID own Path and every file written through the access point.
	UID, GID int
	KeyArn   *string
}

// FileSystem is retained and backed up daily by AWS Backup's EFS default plan.
// The mount targets and the access point hold nothing and come and go freely.
type FileSystem struct {
	constructs.Construct
	system awsefs.CfnFileSystem
	access awsefs.CfnAccessPoint
}

// New declares the file system, its mount targets and its access point. Mount with
// amazon-efs-utils and the options "tls,iam,accesspoint=ID".
func New(scope constructs.Construct, id string, p Props) *FileSystem {
	if len(p.Zones) == 0 {
		panic(fmt.Sprintf("files %s: no zones; a file system needs a mount target in every zone that uses it", id))
	}
	this := constructs.NewConstruct(scope, &id)

	// 1. The file system. Elastic throughput follows the load without a credit
	// balance to run out of on the first day of term.
	system := awsefs.NewCfnFileSystem(this, new("FileSystem"), &awsefs.CfnFileSystemProps{
		Encrypted:       new(true),
		KmsKeyId:        p.KeyArn,
		PerformanceMode: new("generalPurpose"),
		ThroughputMode:  new("elastic"),
		BackupPolicy:    &awsefs.CfnFileSystem_BackupPolicyProperty{Status: new("ENABLED")},
		LifecyclePolicies: &[]any{
			&awsefs.CfnFileSystem_LifecyclePolicyProperty{TransitionToIa: new("AFTER_30_DAYS")},
			&awsefs.CfnFileSystem_LifecyclePolicyProperty{TransitionToPrimaryStorageClass: new("AFTER_1_ACCESS")},
		},
		FileSystemPolicy: policy(),
	})
	retention.Keep(system)

	// 2. A way in from each zone.
	for _, z := range p.Zones {
		awsefs.NewCfnMountTarget(this, new("MountTarget"+strings.ToUpper(z.Letter)), &awsefs.CfnMountTargetProps{
			FileSystemId:   system.AttrFileSystemId(),
			SubnetId:       z.SubnetID,
			SecurityGroups: tokens.List(p.SecurityGroupIDs...),
		})
	}

	// 3. One directory, one owner, whoever the client process is.
	uid, gid := fmt.Sprint(p.UID), fmt.Sprint(p.GID)
	access := awsefs.NewCfnAccessPoint(this, new("AccessPoint"), &awsefs.CfnAccessPointProps{
		FileSystemId: system.AttrFileSystemId(),
		PosixUser:    &awsefs.CfnAccessPoint_PosixUserProperty{Uid: &uid, Gid: &gid},
		RootDirectory: &awsefs.CfnAccessPoint_RootDirectoryProperty{
			Path:         &p.Path,
			CreationInfo: &awsefs.CfnAccessPoint_CreationInfoProperty{OwnerUid: &uid, OwnerGid: &gid, Permissions: new("0750")},
		},
	})

	return &FileSystem{Construct: this, system: system, access: access}
}

// policy refuses clients without TLS. It allows nobody: once a file system has
// a policy, anonymous NFS clients are out, and a client gets in by its own
// role's permission (Grants) or not at all.
// https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
func policy() map[string]any {
	return map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Sid":       "TLSOnly",
			"Effect":    "Deny",
			"Principal": map[string]any{"AWS": "*"},
			"Action":    "*",
			"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		}},
	}
}

// Id of the file system, as mount wants it.
func (f *FileSystem) Id() *string { return f.system.AttrFileSystemId() }

// Arn of the file system.
func (f *FileSystem) Arn() *string { return f.system.AttrArn() }

// AccessPointId goes into the mount options.
func (f *FileSystem) AccessPointId() *string { return f.access.AttrAccessPointId() }

// Grants lets a role mount and write through the access point, and only through it.
func (f *FileSystem) Grants() []grant.Statement {
	return []grant.Statement{{
		Actions:   []string{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"},
		Resources: []*string{f.Arn()},
		Conditions: map[string]any{
			"StringEquals": map[string]any{"elasticfilesystem:AccessPointArn": f.access.AttrArn()},
		},
	}}
}
