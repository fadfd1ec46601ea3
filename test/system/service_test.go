//go:build system

package system_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// ask sends a request to a service of the emulated account, as an SDK would but
// without its weight: only the credential scope matters, and names service and region.
func (e *emulator) ask(t *testing.T, service, region, method, path, contentType, target string, body []byte) (int, []byte) {
	t.Helper()
	request, err := http.NewRequest(method, e.endpoint+path, bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", fmt.Sprintf(
		"AWS4-HMAC-SHA256 Credential=test/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", region, service))
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if target != "" {
		request.Header.Set("X-Amz-Target", target)
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, content
}

// query calls an operation of a service that speaks the query protocol.
func (e *emulator) query(t *testing.T, service, region, version, action string, parameters map[string]string) (int, []byte) {
	t.Helper()
	form := url.Values{"Action": {action}, "Version": {version}}
	for name, value := range parameters {
		form.Set(name, value)
	}
	return e.ask(t, service, region, http.MethodPost, "/", "application/x-www-form-urlencoded", "", []byte(form.Encode()))
}

// cloudFormation calls an operation and returns the error AWS would show, or "".
func (e *emulator) cloudFormation(t *testing.T, region, action string, parameters map[string]string) string {
	t.Helper()
	status, body := e.query(t, "cloudformation", region, "2010-05-15", action, parameters)
	if status < 300 {
		return ""
	}
	var failure struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	require.NoError(t, xml.Unmarshal(body, &failure), "%s", body)
	return failure.Code + ": " + failure.Message
}

// stack is what DescribeStacks says of one stack.
type stack struct {
	Name       string `xml:"StackName"`
	Status     string `xml:"StackStatus"`
	Reason     string `xml:"StackStatusReason"`
	Protection bool   `xml:"EnableTerminationProtection"`
	Outputs    []struct {
		Key   string `xml:"OutputKey"`
		Value string `xml:"OutputValue"`
	} `xml:"Outputs>member"`
}

// stacks are those alive in a region, by name.
func (e *emulator) stacks(t *testing.T, region string) map[string]stack {
	t.Helper()
	status, body := e.query(t, "cloudformation", region, "2010-05-15", "DescribeStacks", nil)
	require.Equal(t, http.StatusOK, status, "%s", body)
	var answer struct {
		Stacks []stack `xml:"DescribeStacksResult>Stacks>member"`
	}
	require.NoError(t, xml.Unmarshal(body, &answer))
	found := map[string]stack{}
	for _, s := range answer.Stacks {
		found[s.Name] = s
	}
	return found
}

// failures are the reasons of failed events of a stack, newest first.
func (e *emulator) failures(t *testing.T, region, name string) []string {
	t.Helper()
	_, body := e.query(t, "cloudformation", region, "2010-05-15", "DescribeStackEvents", map[string]string{"StackName": name})
	var answer struct {
		Events []struct {
			LogicalID string `xml:"LogicalResourceId"`
			Status    string `xml:"ResourceStatus"`
			Reason    string `xml:"ResourceStatusReason"`
		} `xml:"DescribeStackEventsResult>StackEvents>member"`
	}
	require.NoError(t, xml.Unmarshal(body, &answer))
	var reasons []string
	for _, event := range answer.Events {
		if event.Reason != "" && event.Reason != "User Initiated" {
			reasons = append(reasons, fmt.Sprintf("%s %s: %s", event.LogicalID, event.Status, event.Reason))
		}
	}
	return reasons
}

// existsInService asks the service itself whether a resource is there, for the types
// whose data a client would miss. The second result says whether the type can be asked.
func (e *emulator) existsInService(t *testing.T, r resource) (exists, asked bool) {
	t.Helper()
	status := 0
	byTarget := func(service, target string, parameters map[string]string) {
		body, err := json.Marshal(parameters)
		require.NoError(t, err)
		status, _ = e.ask(t, service, r.Region, http.MethodPost, "/", "application/x-amz-json-1.1", target, body)
	}
	switch r.Type {
	case "AWS::S3::Bucket":
		status, _ = e.ask(t, "s3", r.Region, http.MethodGet, "/"+r.PhysicalID+"?location", "", "", nil)
	case "AWS::KMS::Key":
		byTarget("kms", "TrentService.DescribeKey", map[string]string{"KeyId": r.PhysicalID})
	case "AWS::SecretsManager::Secret":
		byTarget("secretsmanager", "secretsmanager.DescribeSecret", map[string]string{"SecretId": r.PhysicalID})
	case "AWS::RDS::DBInstance":
		status, _ = e.query(t, "rds", r.Region, "2014-10-31", "DescribeDBInstances", map[string]string{"DBInstanceIdentifier": r.PhysicalID})
	case "AWS::RDS::DBCluster":
		status, _ = e.query(t, "rds", r.Region, "2014-10-31", "DescribeDBClusters", map[string]string{"DBClusterIdentifier": r.PhysicalID})
	case "AWS::RDS::DBSubnetGroup":
		status, _ = e.query(t, "rds", r.Region, "2014-10-31", "DescribeDBSubnetGroups", map[string]string{"DBSubnetGroupName": r.PhysicalID})
	case "AWS::EFS::FileSystem":
		status, _ = e.ask(t, "elasticfilesystem", r.Region, http.MethodGet, "/2015-02-01/file-systems?FileSystemId="+r.PhysicalID, "", "", nil)
	case "AWS::EC2::VPC":
		status, _ = e.query(t, "ec2", r.Region, "2016-11-15", "DescribeVpcs", map[string]string{"VpcId.1": r.PhysicalID})
	case "AWS::EC2::Subnet":
		status, _ = e.query(t, "ec2", r.Region, "2016-11-15", "DescribeSubnets", map[string]string{"SubnetId.1": r.PhysicalID})
	default:
		return false, false
	}
	return status == http.StatusOK, true
}
