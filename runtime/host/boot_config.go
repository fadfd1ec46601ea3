package host

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lectern/lectern/runtime/contract"
)

// identify learns the instance's id from the metadata service (IMDSv2 only).
func (b *Boot) identify(ctx context.Context, s *booting) error {
	id, err := InstanceID(ctx, imds.NewFromConfig(b.AWS))
	s.instanceID = id
	return err
}

// InstanceID asks the instance metadata service for the id of this instance.
func InstanceID(ctx context.Context, client *imds.Client) (string, error) {
	out, err := client.GetMetadata(ctx, &imds.GetMetadataInput{Path: "instance-id"})
	if err != nil {
		return "", fmt.Errorf("ask the instance metadata service: %w", err)
	}
	defer out.Content.Close()
	id, err := io.ReadAll(io.LimitReader(out.Content, 64))
	if err != nil {
		return "", fmt.Errorf("read the instance id: %w", err)
	}
	return string(id), nil
}

// readConfig reads the configuration from Parameter Store (needs ssm:GetParameter) and checks all of it.
func (b *Boot) readConfig(ctx context.Context, s *booting) error {
	return b.patiently(ctx, func(ctx context.Context) (bool, error) {
		document, err := ReadParameter(ctx, ssm.NewFromConfig(b.AWS), b.Args.ConfigParameter)
		if err != nil {
			return false, err
		}
		config, err := contract.Parse([]byte(document))
		s.config, s.document = config, []byte(document)
		return true, err
	})
}

// ReadParameter reads one SSM parameter.
func ReadParameter(ctx context.Context, client *ssm.Client, name string) (string, error) {
	out, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	if err != nil {
		return "", fmt.Errorf("read SSM parameter %s: %w", name, err)
	}
	return *out.Parameter.Value, nil
}

// writeConfig keeps the configuration where the unit reads it, so that a restart does not depend on Parameter Store.
func (b *Boot) writeConfig(ctx context.Context, s *booting) error {
	path, err := b.write(contract.ConfigPath, append(s.document, '\n'), 0o600)
	if err != nil {
		return err
	}
	return b.command(ctx, "chown", contract.User+":"+contract.User, path)
}
