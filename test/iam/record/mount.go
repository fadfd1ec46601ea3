package record

// ClientMount is the question that EFS asks when an instance mounts its file system with the options tls, iam and accesspoint.
// https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
func ClientMount() Call {
	const mount = "elasticfilesystem:ClientMount"
	return Call{
		Operation: mount, Action: mount,
		Resource: "arn:aws:elasticfilesystem:${region}:${account}:file-system/${files.fileSystemId}",
		Context: map[string]string{
			"elasticfilesystem:AccessPointArn": "arn:aws:elasticfilesystem:${region}:${account}:access-point/${files.accessPointId}",
		},
	}
}
