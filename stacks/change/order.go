package change

import (
	"slices"
)

// refusedWhileUsed are types that AWS does not delete while something uses them.
// CloudFormation then gives up, and they stay behind.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-update-rollback-failed
var refusedWhileUsed = []string{
	"AWS::CertificateManager::Certificate", "AWS::CloudFront::CachePolicy", "AWS::CloudFront::Function",
	"AWS::CloudFront::KeyValueStore", "AWS::CloudFront::OriginAccessControl", "AWS::CloudFront::ResponseHeadersPolicy",
	"AWS::CloudFront::VpcOrigin", "AWS::EC2::EIP", "AWS::EC2::InternetGateway", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup",
	"AWS::EC2::Subnet", "AWS::EC2::VPC", "AWS::EC2::VPCGatewayAttachment", "AWS::ElastiCache::ParameterGroup",
	"AWS::ElastiCache::SubnetGroup", "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::RDS::DBClusterParameterGroup",
	"AWS::RDS::DBParameterGroup", "AWS::RDS::DBSubnetGroup", "AWS::WAFv2::WebACL",
}

// attachments say by which properties a resource belongs to others: those who use these
// use it, too, though they never name it.
var attachments = map[string][]string{
	"AWS::EC2::NatGateway":                  {"SubnetId"},
	"AWS::EC2::Route":                       {"RouteTableId"},
	"AWS::EC2::SecurityGroupEgress":         {"GroupId"},
	"AWS::EC2::SecurityGroupIngress":        {"GroupId", "SourceSecurityGroupId"},
	"AWS::EC2::SubnetRouteTableAssociation": {"SubnetId"},
	"AWS::EC2::VPCEndpoint":                 {"SubnetIds"},
	"AWS::EFS::MountTarget":                 {"FileSystemId"},
	"AWS::RDS::DBProxyTargetGroup":          {"DBProxyName"},
	"AWS::SecretsManager::ResourcePolicy":   {"SecretId"},
}

// judgeOrder finds in which order the stacks are to be deployed. A stack that needs
// something new comes after the one that makes it; a stack that stops using something
// comes before the one that removes it. Where both cannot be, the removal is reported.
func (c *comparison) judgeOrder() {
	needs := c.needs()
	for _, key := range c.keys {
		s := c.states[key]
		if !s.goes() || s.elsewhere || retained(s) || c.after.stack(s.stack) == nil {
			continue
		}
		for _, user := range c.usersElsewhere(s) {
			c.judgeUse(s, user, needs)
		}
	}
	c.judgeAllowances(needs)
	c.order = c.sorted(needs)
	c.judgeStale()
}

// edges say which stacks come before a stack.
type edges map[string]map[string]bool

func (e edges) add(first, then string) {
	if e[then] == nil {
		e[then] = map[string]bool{}
	}
	e[then][first] = true
}

// reaches says whether first has to come before then already.
func (e edges) reaches(first, then string) bool {
	for before := range e[then] {
		if before == first || e.reaches(first, before) {
			return true
		}
	}
	return false
}

// needs are the stacks that make what others need and do not have yet.
func (c *comparison) needs() edges {
	needed := edges{}
	for _, key := range c.keys {
		s := c.states[key]
		if s.after == nil {
			continue
		}
		c.needAttached(needed, s)
		for _, r := range references(s.after.Properties) {
			producer := c.states[r.key]
			if producer == nil || producer.stack == s.stack || needed.reaches(s.stack, producer.stack) {
				continue
			}
			if producer.before == nil || c.valueChanges(r) != no || c.newOutput(producer.stack, r) {
				needed.add(producer.stack, s.stack)
			}
		}
	}
	return needed
}

// needAttached makes a stack come after the one that gives something it uses a new part
// that it never names: a rule of its security group, a route of its subnet.
func (c *comparison) needAttached(needed edges, s *state) {
	if s.before != nil && s.replaced == no {
		return
	}
	for _, property := range attachments[s.after.Type] {
		for _, r := range references(s.after.Properties[property]) {
			for _, key := range c.keys {
				user := c.states[key]
				if user.after == nil || !c.later(user, s) || attachments[user.after.Type] != nil || !refersTo(user.after, r.key) {
					continue
				}
				if c.stackChanges(user.stack) && !needed.reaches(user.stack, s.stack) {
					needed.add(s.stack, user.stack)
				}
			}
		}
	}
}

// later says whether a resource's stack is deployed after that of another. Who is in an earlier stack does not wait for
// what a later one attaches: a database is reached through a rule, and reaches nobody by it.
func (c *comparison) later(user, s *state) bool {
	position := func(of *state) int {
		if at := c.after.position(of.stack); at >= 0 {
			return at
		}
		return c.before.position(of.stack)
	}
	return position(user) > position(s)
}

// stackChanges says whether a stack has another template.
func (c *comparison) stackChanges(name string) bool {
	before, after := c.before.stack(name), c.after.stack(name)
	return before == nil || after == nil || before.raw != after.raw
}

// newOutput says whether a stack gives that value only afterwards.
func (c *comparison) newOutput(stack string, r reference) bool {
	before := c.before.stack(stack)
	if before == nil {
		return true
	}
	for _, output := range before.Template.Outputs {
		if slices.Contains(references(c.before.resolve(before, output.Value)), r) {
			return false
		}
	}
	return true
}

// usersElsewhere are resources of other stacks that use a resource before.
func (c *comparison) usersElsewhere(s *state) []*state {
	keys := []string{s.key}
	for _, property := range attachments[s.before.Type] {
		for _, r := range references(s.before.Properties[property]) {
			keys = append(keys, r.key)
		}
	}
	found := map[string]*state{}
	for _, key := range keys {
		for _, user := range c.referrers(key) {
			// The rules of a group are no users of each other.
			if user.stack != s.stack && attachments[user.before.Type] == nil && (key == s.key || c.later(user, s)) {
				found[user.key] = user
			}
		}
	}
	var users []*state
	for _, key := range sortedKeys(found) {
		users = append(users, found[key])
	}
	return users
}

// judgeUse orders the two stacks so that the user lets go first, or says what happens
// because that cannot be.
func (c *comparison) judgeUse(s, user *state, needs edges) {
	stays := c.after.position(user.stack) >= 0
	still := user.after != nil && refersTo(user.after, s.key)
	if stays && !still && !needs.reaches(s.stack, user.stack) {
		needs.add(user.stack, s.stack)
		s.find(Finding{Effect: None, Text: user.key + " uses it until its stack has been deployed, which therefore comes first"})
		return
	}
	f := Finding{Effect: Downtime, Perhaps: s.replaced == perhaps, Text: user.key + " uses it until its stack has been deployed, and that is after the removal"}
	f.Way = "keep the old one for one deployment beside the new one, and remove it in the next"
	if slices.Contains(refusedWhileUsed, s.before.Type) {
		f.Effect = LeftBehind
		f.Text = "AWS does not delete it while " + user.key + " uses it, and the stack of that is deployed later: it stays behind"
		f.Way = "delete it by hand when all stacks have been deployed"
	}
	if !slices.ContainsFunc(s.findings, func(g Finding) bool { return g.Effect == f.Effect && g.Way == f.Way }) {
		s.find(f)
	}
}

// sorted are the stacks in an order that the needs allow, and otherwise as the assembly
// has them.
func (c *comparison) sorted(needs edges) []string {
	var ordered []string
	for range c.after.Stacks {
		for _, s := range c.after.Stacks {
			ready := !slices.Contains(ordered, s.Name)
			for first := range needs[s.Name] {
				ready = ready && (slices.Contains(ordered, first) || c.after.position(first) < 0)
			}
			if ready {
				ordered = append(ordered, s.Name)
				break
			}
		}
	}
	return ordered
}

// judgeStale finds resources that get another value although their template stays the
// same: the CDK CLI then leaves the stack out.
func (c *comparison) judgeStale() {
	for _, key := range c.keys {
		s := c.states[key]
		before, after := c.before.stack(s.stack), c.after.stack(s.stack)
		if before == nil || after == nil || before.raw != after.raw || len(s.changes) == 0 {
			continue
		}
		s.find(Finding{
			Effect: Downtime, Perhaps: true,
			Text: "the template of " + s.stack + " stays the same, so that cdk deploy leaves it out and this keeps the old value",
			Way:  "npx cdk deploy --force " + s.stack,
		})
	}
}
