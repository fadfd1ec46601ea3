package compute

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
)

// Boot is what an instance runs first: it fetches the runtime, checks it and lets it
// do the rest.
type Boot struct {
	// Artifact is the runtime binary in S3.
	Artifact Artifact
	// ConfigParameter is the name of the SSM parameter with the runtime's configuration.
	ConfigParameter string
	// Revision changes when the configuration does, so that instances are replaced.
	Revision string
}

// Artifact is a file in S3 and its SHA-256 in hexadecimal.
type Artifact struct {
	Bucket, Key *string
	SHA256      string
}

// newLaunchTemplate asks for IMDSv2, an encrypted disk and no SSH key: people get in
// through Session Manager.
func newLaunchTemplate(f *Fleet, p Props) awsec2.CfnLaunchTemplate {
	profile := awsiam.NewCfnInstanceProfile(f.Construct, new("InstanceProfile"), &awsiam.CfnInstanceProfileProps{
		Roles: &[]any{f.role.RoleName()},
	})
	template := awsec2.NewCfnLaunchTemplate(f.Construct, new("LaunchTemplate"), &awsec2.CfnLaunchTemplateProps{
		LaunchTemplateData: &awsec2.CfnLaunchTemplate_LaunchTemplateDataProperty{
			ImageId:            imageID(f, p),
			InstanceType:       &p.InstanceType,
			EbsOptimized:       new(true),
			IamInstanceProfile: &awsec2.CfnLaunchTemplate_IamInstanceProfileProperty{Arn: profile.AttrArn()},
			SecurityGroupIds:   &[]*string{p.SecurityGroupID},
			MetadataOptions: &awsec2.CfnLaunchTemplate_MetadataOptionsProperty{
				HttpEndpoint:            new("enabled"),
				HttpTokens:              new("required"),
				HttpPutResponseHopLimit: new(1.0),
			},
			BlockDeviceMappings: []any{&awsec2.CfnLaunchTemplate_BlockDeviceMappingProperty{
				DeviceName: new("/dev/xvda"),
				Ebs: &awsec2.CfnLaunchTemplate_EbsProperty{
					VolumeSize: new(float64(p.DiskGiB)),
					VolumeType: new("gp3"),
					// With the account's aws/ebs key: a key of our own would need a grant to the Auto
					// Scaling service-linked role, which a new account does not have yet. Nothing is kept
					// on this disk.
					Encrypted:           new(true),
					DeleteOnTermination: new(true),
				},
			}},
			Monitoring: &awsec2.CfnLaunchTemplate_MonitoringProperty{Enabled: new(true)},
			UserData:   cdk.Fn_Base64(new(userData(f, p.Boot))),
		},
	})
	template.Node().AddDependency(f.role)
	return template
}

// imageID is resolved by CloudFormation at each deployment, so that a deployment
// also brings the newest image, and scaling out between deployments does not.
func imageID(f *Fleet, p Props) *string {
	if p.ImageID != "" {
		return &p.ImageID
	}
	architecture := map[string]string{"arm64": "arm64", "amd64": "x86_64"}[p.Architecture]
	if architecture == "" {
		panic("compute: architecture " + p.Architecture + " is neither arm64 nor amd64")
	}
	parameter := cdk.NewCfnParameter(f.Construct, new("ImageId"), &cdk.CfnParameterProps{
		Type:    new("AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"),
		Default: new("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-" + architecture),
	})
	return parameter.ValueAsString()
}
