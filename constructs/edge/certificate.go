package edge

import (
	"cmp"
	"slices"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	acm "github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// CertificateProps describes a public certificate.
type CertificateProps struct {
	DomainName       string   // e.g. learn.example.com or *.example.com
	AlternativeNames []string // further names on the same certificate
	// HostedZoneId of the Route 53 zone that holds the names: ACM's
	// validation records are written there and renewed unattended. Empty: the
	// deployment waits until somebody creates the records by hand.
	HostedZoneId string
	// OtherZones are the zones of names that another one holds, by name.
	OtherZones map[string]string
	// KeepReplaced leaves a certificate that another one replaces: one that a distribution of another stack still uses
	// cannot be deleted.
	KeepReplaced bool
}

// Certificate is an ACM certificate validated by DNS. For CloudFront it must be
// declared in us-east-1, for a load balancer in the load balancer's region.
// Changing a name replaces it. A wildcard holds the names one label below.
// https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html
type Certificate struct {
	constructs.Construct
	resource acm.CfnCertificate
}

// NewCertificate declares the certificate.
func NewCertificate(scope constructs.Construct, id string, p CertificateProps) *Certificate {
	check(p.DomainName != "", "certificate %s: no domain name", id)
	c := &Certificate{Construct: constructs.NewConstruct(scope, &id)}
	props := &acm.CfnCertificateProps{
		DomainName:       new(p.DomainName),
		ValidationMethod: new("DNS"),
	}
	if len(p.AlternativeNames) > 0 {
		props.SubjectAlternativeNames = jsii.Strings(p.AlternativeNames...)
	}
	if p.HostedZoneId != "" {
		var validation []*acm.CfnCertificate_DomainValidationOptionProperty
		names := append([]string{p.DomainName}, p.AlternativeNames...)
		for i, name := range names {
			if slices.Contains(names[:i], name) {
				continue
			}
			validation = append(validation, &acm.CfnCertificate_DomainValidationOptionProperty{
				DomainName: new(name), HostedZoneId: new(cmp.Or(p.OtherZones[name], p.HostedZoneId)),
			})
		}
		props.DomainValidationOptions = &validation
	}
	c.resource = acm.NewCfnCertificate(c.Construct, new("Certificate"), props)
	if p.KeepReplaced {
		c.resource.CfnOptions().SetUpdateReplacePolicy(cdk.CfnDeletionPolicy_RETAIN)
		c.resource.CfnOptions().SetDeletionPolicy(cdk.CfnDeletionPolicy_DELETE)
	}
	return c
}

// Arn is the certificate's ARN; it is known only once the certificate is issued.
func (c *Certificate) Arn() *string { return c.resource.Ref() }
