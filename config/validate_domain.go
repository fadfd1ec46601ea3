package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	hostName       = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)
	wildcardName   = regexp.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)
	hostedZone     = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)
	certificateArn = regexp.MustCompile(`^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-zA-Z-]+$`)
)

func domainKeys() []Key {
	const (
		host        = "a host name in lower case"
		zone        = "the id of a hosted zone"
		zoneExample = "Z0123456789ABCDEFGHIJ"
		certificate = "the ARN of an ACM certificate"
		example     = "arn:aws:acm:eu-west-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
	)
	return []Key{
		{Path: "domain.name", Pattern: hostName, Noun: host, Example: "learn.example.com"},
		{Path: "domain.alternativeNames", MaxItems: 9, Unique: true, Why: "a certificate has at most 10 names by default"},
		{Path: "domain.alternativeNames[]", Pattern: wildcardName, Noun: host, Example: "www.learn.example.com"},
		{Path: "domain.players", Pattern: hostName, Noun: host, Example: "play.learn.example.com"},
		{Path: "domain.zoneId", Pattern: hostedZone, Noun: zone, Example: zoneExample},
		{Path: "domain.playersZoneId", Pattern: hostedZone, Noun: zone, Example: zoneExample},
		{Path: "domain.certificateArn", Pattern: certificateArn, Noun: certificate, Example: example},
		{Path: "domain.edgeCertificateArn", Pattern: certificateArn, Noun: certificate, Example: strings.Replace(example, "eu-west-1", edgeRegion, 1)},
		{Path: "domain.moreCertificateArns", MaxItems: 24, Unique: true, Why: "a load balancer takes 25 certificates beside its own by default"},
		{Path: "domain.moreCertificateArns[]", Pattern: certificateArn, Noun: certificate, Example: example},
	}
}

// domainIsComplete checks that there is a way to a certificate for every
// listener that needs one.
func domainIsComplete(f File) Problems {
	c := f.Client
	var problems Problems
	if !f.Stated("domain.name") {
		for _, key := range []string{"alternativeNames", "players", "zoneId", "playersZoneId", "certificateArn", "edgeCertificateArn", "moreCertificateArns"} {
			if path := "domain." + key; f.Stated(path) {
				problems = append(problems, f.Problem(path, "it serves no domain", "add domain.name, or remove this key"))
			}
		}
		if !c.Edge.CDN {
			problems = append(problems, f.Problem("edge.cdn", "an environment without CloudFront needs a domain", "add domain.name, or set edge.cdn: true"))
		}
		return problems
	}
	if i := slices.Index(c.Domain.AlternativeNames, c.Domain.Name); i >= 0 {
		problems = append(problems, f.Problem(fmt.Sprintf("domain.alternativeNames[%d]", i), fmt.Sprintf("%q is already domain.name", c.Domain.Name), "remove it"))
	}
	if c.Domain.Name == "" {
		return problems // it could not be read
	}
	const zone = "or add domain.zoneId and let the deployment make one"
	if !f.Stated("domain.zoneId") {
		// A network load balancer passes TCP on; it holds no certificate.
		if !f.Stated("domain.certificateArn") && c.LoadBalancer.Type == "application" {
			problems = append(problems, f.Problem("domain.certificateArn", "the load balancer has no certificate for the domain", "give an issued one in the client's region, "+zone))
		}
		if !f.Stated("domain.edgeCertificateArn") && c.Edge.CDN {
			problems = append(problems, f.Problem("domain.edgeCertificateArn", "CloudFront has no certificate for the domain", "give an issued one in us-east-1, "+zone))
		}
	}
	if f.Stated("domain.edgeCertificateArn") && !c.Edge.CDN {
		problems = append(problems, f.Problem("domain.edgeCertificateArn", "there is no CloudFront to use it", "remove it, or set edge.cdn: true"))
	}
	return problems
}

// playersHaveAZone checks that somebody writes the records of players where those of the other names are written.
func playersHaveAZone(f File) Problems {
	d := f.Client.Domain
	switch {
	case d.Name == "":
		return nil // domainIsComplete says so
	case f.Stated("domain.playersZoneId") && !f.Stated("domain.zoneId"):
		return Problems{f.Problem("domain.playersZoneId", "the deployment writes no records, as there is no zone for the other names", "add domain.zoneId, or remove this key")}
	case d.Players != "" && f.Stated("domain.zoneId") && !f.Stated("domain.playersZoneId") && !sharesAZone(d.Players, d.Name):
		return Problems{f.Problem("domain.players", fmt.Sprintf("no hosted zone holds both %s and %s", d.Players, d.Name), "add domain.playersZoneId, the hosted zone that holds it")}
	}
	return nil
}

// sharesAZone says whether one hosted zone may hold both names: they end in the same two labels at least. Two below one
// public suffix of two labels (co.uk) are not told apart; Route 53 then refuses the records.
func sharesAZone(a, b string) bool {
	last := func(name string) []string {
		labels := strings.Split(name, ".")
		return labels[max(0, len(labels)-2):]
	}
	return slices.Equal(last(a), last(b))
}

// edgeRegion is the one region whose certificates CloudFront takes.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
const edgeRegion = "us-east-1"

// certificatesFit checks that certificates are where they are used; ACM shares
// them neither between regions nor between accounts.
func certificatesFit(f File) Problems {
	d := f.Client.Domain
	var problems Problems
	check := func(path, arn, region, user string) {
		if !certificateArn.MatchString(arn) {
			return
		}
		part := strings.Split(arn, ":")
		if part[3] != region {
			problems = append(problems, f.Problem(path, fmt.Sprintf("the certificate is in %s", part[3]), fmt.Sprintf("%s takes one in %s", user, region)))
		}
		if part[4] != f.Client.Account && f.Client.Account != "" {
			problems = append(problems, f.Problem(path, fmt.Sprintf("the certificate is in account %s", part[4]), fmt.Sprintf("give one in the client's account, %s", f.Client.Account)))
		}
	}
	check("domain.certificateArn", d.CertificateArn, f.Client.Region, "the load balancer")
	check("domain.edgeCertificateArn", d.EdgeCertificateArn, edgeRegion, "CloudFront")
	for i, arn := range d.MoreCertificateArns {
		check(fmt.Sprintf("domain.moreCertificateArns[%d]", i), arn, f.Client.Region, "the load balancer")
	}
	return problems
}
