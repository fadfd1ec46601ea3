package workload

import (
	_ "embed"

	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/runtime/contract"
)

// moodle is Moodle behind nginx and PHP-FPM: code from git on every instance's disk, files on the shared file system,
// sessions and application caches in two Memcached clusters. What is configured is in the folder moodle.
//
// https://docs.moodle.org/en/Server_cluster
type moodle struct {
	plain
	settings workload.Moodle
}

func newMoodle(settings workload.Settings) Half {
	return moodle{settings: *settings.(*workload.Moodle)}
}

const (
	moodleLib = "/usr/local/lib/lectern-moodle"
	// moodleCache is what an instance can make again by itself.
	moodleCache = "/var/cache/lectern-moodle"
	// moodleStore is where Moodle looks for the plugin "lectern" of the kind "cache store".
	moodleStore = contract.CodeDir + "/public/cache/stores/lectern"
)

// moodleExtensions are what Moodle requires or recommends beside what PHP always has, and memcached.
// https://docs.moodle.org/en/PHP
var moodleExtensions = []string{"curl", "exif", "gd", "intl", "mbstring", "memcached", "posix", "soap", "sodium", "xml", "zip"}

var (
	//go:embed moodle/config.php
	moodleConfigPHP string
	//go:embed moodle/memcached.php
	moodleMemcachedPHP string
	//go:embed moodle/install.php
	moodleInstallPHP string
	//go:embed moodle/cache.php
	moodleCachePHP string
	//go:embed moodle/server.conf
	moodleServerConf string
	//go:embed moodle/cachestore/version.php
	moodleStoreVersion string
	//go:embed moodle/cachestore/lib.php
	moodleStoreLib string
	//go:embed moodle/cachestore/lang.php
	moodleStoreLang string
	//go:embed moodle/cachestore/privacy.php
	moodleStorePrivacy string
	//go:embed moodle/cachestore/LICENSE.txt
	moodleStoreLicence string
)

// Recipe of Moodle.
//
// The code is root's once Composer has put its libraries into it: neither requests nor jobs can change it.
func (m moodle) Recipe(g Given) (contract.Recipe, bool) {
	fpm := phpFPM{
		// Measured with Moodle 5.1: children that had served sign-in, dashboard and administration had up to 32 MiB of
		// their own. Reports and restores of courses need more.
		ChildMiB: 80, ReserveMiB: 640, MemoryLimitMiB: 256,
		UploadMiB: m.settings.UploadLimitMiB, RequestSeconds: 300,
		Settings: []string{
			// Moodle writes PHP of its own into the shared folder: what caches are where, translations. Others see it
			// within a minute. https://docs.moodle.org/en/OPcache
			"opcache.revalidate_freq = 60",
			// Uploads may be larger than what fits into a /tmp in memory.
			"upload_tmp_dir = " + moodleCache + "/upload",
			"sys_temp_dir = " + moodleCache + "/temp",
		},
	}
	server := nginxServer{
		Root: "{{.CodeDir}}/public", Locations: moodleServerConf,
		BodyMiB: m.settings.UploadLimitMiB + 8, RequestSeconds: fpm.RequestSeconds, HTTPS: g.PublicHTTPS,
	}
	return contract.Recipe{
		Distributions: joinDistributions(
			phpDistributions(moodleExtensions, contract.EnginePostgres), nginxDistributions(),
			samePackages("ca-certificates", "composer", "git", "unzip"),
		),
		Directories: m.directories(),
		Code: contract.Code{
			Repository: m.settings.Repository, Ref: m.settings.CodeRef(), Commit: m.settings.Commit,
			Secret: m.settings.CodeSecret(), HostKeys: m.settings.HostKeys, ReadOnly: true,
		},
		Environment:  m.environment(g),
		Files:        append(append(server.files(), fpm.files()...), m.files()...),
		Build:        m.build(),
		Once:         m.once(),
		Services:     []contract.Service{fpm.service(moodleCache, workload.MoodleDataPath), server.service()},
		CheckPath:    phpPingPath,
		Jobs:         m.jobs(),
		DrainSeconds: m.settings.Needs().DrainSeconds,
	}, true
}

func (moodle) directories() []contract.Directory {
	app := func(path string) contract.Directory {
		return contract.Directory{Path: path, Owner: contract.OwnerApp, Mode: "0750"}
	}
	return []contract.Directory{
		{Path: moodleLib + "/cachestore", Owner: contract.OwnerRoot, Mode: "0755"},
		app(moodleCache), app(moodleCache + "/local"), app(moodleCache + "/request"), app(moodleCache + "/temp"),
		app(moodleCache + "/upload"), app(moodleCache + "/composer"),
	}
}

// environment is read by config.php and by install.php, from contract.EnvironmentJSON.
func (m moodle) environment(g Given) []contract.Variable {
	return append(standardEnvironment(g, nil, nil), []contract.Variable{
		{Name: "DATABASE_TLS", Value: "{{.Database.TLSMode}}"},
		{Name: "MEMCACHED_SESSION", Value: `{{memcached "` + workload.MoodleSessionCluster + `"}}`},
		{Name: "MEMCACHED_APPLICATION", Value: `{{memcached "` + workload.MoodleApplicationCluster + `"}}`},
		{Name: "ADMIN_USER", Value: literal(m.settings.Admin.User)},
		{Name: "ADMIN_EMAIL", Value: literal(m.settings.Admin.Email)},
		{Name: "ADMIN_PASSWORD", Value: `{{secret "` + workload.MoodleAdminSecret + `" ""}}`},
		{Name: "SITE_FULL_NAME", Value: literal(m.settings.Site.FullName)},
		{Name: "SITE_SHORT_NAME", Value: literal(m.settings.Site.ShortName)},
		{Name: "SITE_LANGUAGE", Value: literal(m.settings.Site.Language)},
	}...)
}

func (moodle) files() []contract.File {
	root := func(path, content string) contract.File {
		return contract.File{Path: path, Content: literal(content), Owner: contract.OwnerRoot, Mode: "0644"}
	}
	return []contract.File{
		root(contract.CodeDir+"/config.php", moodleConfigPHP),
		root(moodleLib+"/memcached.php", moodleMemcachedPHP),
		root(moodleLib+"/install.php", moodleInstallPHP),
		root(moodleLib+"/cache.php", moodleCachePHP),
		root(moodleLib+"/cachestore/version.php", moodleStoreVersion),
		root(moodleLib+"/cachestore/lib.php", moodleStoreLib),
		root(moodleLib+"/cachestore/lang.php", moodleStoreLang),
		root(moodleLib+"/cachestore/privacy.php", moodleStorePrivacy),
		root(moodleLib+"/cachestore/LICENSE.txt", moodleStoreLicence),
	}
}

// build puts the plugin into the code, and the libraries that Moodle has from Composer: since 5.2 it does not start
// without them. The lock file of the commit says which, with their hashes.
func (moodle) build() []contract.Command {
	return []contract.Command{
		{LimitSeconds: 60, Run: "S=" + moodleStore + " L=" + moodleLib + "/cachestore; " +
			"mkdir -p $S/classes/privacy $S/lang/en; " +
			"cp $L/lib.php $L/version.php $L/LICENSE.txt $S/; " +
			"cp $L/lang.php $S/lang/en/cachestore_lectern.php; " +
			"cp $L/privacy.php $S/classes/privacy/provider.php"},
		{LimitSeconds: 900, Run: "if [ -f composer.lock ]; then COMPOSER_HOME=" + moodleCache + "/composer " +
			"composer install --no-dev --classmap-authoritative --no-interaction --no-progress; fi"},
	}
}

func (moodle) once() []contract.Once {
	install, cache := "php "+moodleLib+"/install.php", "php "+moodleLib+"/cache.php"
	return []contract.Once{
		{Name: "install", Check: install + " --check", Run: install, LimitSeconds: 1200},
		{Name: "cache", Check: cache + " --check", Run: cache, LimitSeconds: 120},
	}
}

// jobs are Moodle's own, every minute as Moodle wants it, and those of the client. Cron begins nothing new after 50
// seconds (config.php); the limit is for what it has begun, for example the backup of a large course.
func (m moodle) jobs() []contract.Job {
	return append([]contract.Job{
		{Name: workload.MoodleCronJob, Schedule: "* * * * *", Run: "php admin/cli/cron.php --keep-alive=0", LimitSeconds: 3600},
	}, jobs(m.settings.Jobs)...)
}
