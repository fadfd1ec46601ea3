//go:build system && linux

package system_test

import (
	"slices"
	"strings"
	"testing"
)

// surroundings are what an instance meets.
type surroundings struct {
	image    image
	instance string // its id
	without  string // a role whose servers are not there
	denyS3   int    // so many requests to S3 are denied at first
}

// booted is one instance of the site.
type booted struct {
	machine *machine
	aws     *awsFront
	secrets []string
}

// boot switches an instance on with this user data; change, if not nil, makes what is around it worse.
func (s *bootSite) boot(t *testing.T, userData string, change func(*surroundings)) *booted {
	t.Helper()
	n := newNetwork(t)
	around := surroundings{image: s.image, instance: s.instancesOf(t, userData)[0]}
	if change != nil {
		change(&around)
	}
	front := &awsFront{instanceID: around.instance, caBundle: s.databaseCA, deny: around.denyS3, others: s.web, recorder: s.recorder(t, userData)}
	serveAWS(t, n, s.authority, s.emulator, front)
	s.mirror.serve(t, n, awsAddress)

	spec := machineSpec{image: around.image, userData: userData, hosts: s.hosts(), trusted: slices.Concat(s.authority.pem, s.databaseCAOfSystem())}
	addresses := map[string]string{} // by name: one server may have several ports, and two servers the same one
	for _, one := range s.servers {
		if addresses[one.host] == "" {
			addresses[one.host] = n.address(t)
			spec.hosts[one.host] = addresses[one.host]
		}
		if one.role != around.without {
			n.forward(t, addresses[one.host]+":"+one.port, one.target)
		}
	}
	if s.files != nil {
		spec.hosts[s.files.host()] = n.address(t)
		s.files.serve(t, n, s.authority, spec.hosts[s.files.host()], front.recorder)
		spec.files = map[string]string{"/usr/sbin/mount.efs": s.files.helper()}
		spec.shared = map[string]string{s.files.folder: efsPoint}
	}
	b := &booted{machine: bootMachine(t, n, spec), aws: front, secrets: s.secrets}
	t.Cleanup(func() {
		if t.Failed() {
			journal, _ := b.machine.run("journalctl", "--no-pager", "--boot", "--lines=100")
			t.Logf("the instance's log:\n%s\nits journal ends:\n%s", b.machine.log(), journal)
		}
	})
	return b
}

// hosts are the names of AWS, and of what else answers on the usual ports.
func (s *bootSite) hosts() map[string]string {
	hosts := map[string]string{truststore: awsAddress}
	domain := "." + s.region + ".amazonaws.com"
	for _, name := range []string{"s3", "ssm", "secretsmanager", "sqs", "logs", "autoscaling", "cloudformation"} {
		hosts[name+domain] = awsAddress
	}
	bucket, _, _ := strings.Cut(s.asset, "/")
	for _, bucket := range append(s.buckets, bucket, s.config.ObjectStore.Bucket, s.config.Recipe.Bucket) {
		if bucket != "" {
			hosts[bucket+".s3"+domain] = awsAddress
		}
	}
	if host := s.keyValueStoreHost(); host != "" {
		hosts[host] = awsAddress
	}
	for host := range s.web {
		hosts[host] = awsAddress
	}
	for _, host := range debianHosts {
		hosts[host] = awsAddress
	}
	return hosts
}

// databaseCAOfSystem is the database's authority where that is one that every system knows: ACM's, which RDS Proxy has.
func (s *bootSite) databaseCAOfSystem() []byte {
	if strings.Contains(s.config.Database.Host, ".proxy-") {
		return s.databaseCA
	}
	return nil
}
