package workload

import (
	"maps"
	"slices"

	"github.com/lectern/lectern/runtime/contract"
)

// The operating systems that recipes are written for, as ID-VERSION_ID of /etc/os-release.
const (
	amazonLinux2023 = "amzn-2023"
	debian13        = "debian-13"
)

// phpVersion is what both distributions have: Debian 13 has no other, and Amazon Linux 2023 has it beside others.
const phpVersion = "8.4"

// phpExtensionPackages are the extensions whose package is not named php8.4-EXTENSION on both distributions: the suffix
// on Amazon Linux 2023 and on Debian 13. An empty suffix means that php8.4-cli brings the extension.
//
// https://docs.aws.amazon.com/linux/al2023/release-notes/relnotes.html (php8.4-pecl-memcached since 2023.10.20260202)
// https://packages.debian.org/source/trixie/php8.4
var phpExtensionPackages = map[string][2]string{
	"apcu":      {"pecl-apcu", "apcu"},
	"curl":      {"", "curl"},
	"exif":      {"", ""},
	"memcached": {"pecl-memcached", "memcached"},
	"mysqli":    {"mysqlnd", "mysql"},
	"pdo_mysql": {"mysqlnd", "mysql"},
	"pdo_pgsql": {"pgsql", "pgsql"},
	"posix":     {"process", ""},
	"pcntl":     {"process", ""},
	"redis":     {"pecl-redis6", "redis"},
	"sodium":    {"sodium", ""},
}

// phpDatabaseExtension is the driver of an engine.
var phpDatabaseExtension = map[string]string{
	contract.EnginePostgres: "pgsql",
	contract.EngineMySQL:    "mysqli",
	contract.EngineMariaDB:  "mysqli",
}

// phpDistributions are the packages of PHP-FPM with extensions (by PHP's own names) and the driver of a database engine
// (empty for none), and what templates ask about PHP:
//
//   - PHPFPMUnit is the systemd unit
//   - PHPFPMConfig is the path of FPM's own configuration, PHPFPMPID the file that unit expects its process id in
//   - PHPFPMIni and PHPCLIIni are files that are read after the distribution's php.ini, by FPM and by the command line;
//     they are one and the same on Amazon Linux
func phpDistributions(extensions []string, databaseEngine string) map[string]contract.Distribution {
	if driver := phpDatabaseExtension[databaseEngine]; driver != "" {
		extensions = append(slices.Clone(extensions), driver)
	}
	return map[string]contract.Distribution{
		amazonLinux2023: {
			Packages: phpPackages(0, extensions),
			Vars: map[string]string{
				"PHPFPMUnit":   "php-fpm",
				"PHPFPMConfig": "/etc/php-fpm.conf",
				"PHPFPMPID":    "/run/php-fpm/php-fpm.pid",
				"PHPFPMIni":    "/etc/php.d/90-lectern.ini",
				"PHPCLIIni":    "/etc/php.d/90-lectern.ini",
			},
		},
		debian13: {
			Packages: phpPackages(1, extensions),
			Vars: map[string]string{
				"PHPFPMUnit":   "php" + phpVersion + "-fpm",
				"PHPFPMConfig": "/etc/php/" + phpVersion + "/fpm/php-fpm.conf",
				"PHPFPMPID":    "/run/php/php" + phpVersion + "-fpm.pid",
				"PHPFPMIni":    "/etc/php/" + phpVersion + "/fpm/conf.d/90-lectern.ini",
				"PHPCLIIni":    "/etc/php/" + phpVersion + "/cli/conf.d/90-lectern.ini",
			},
		},
	}
}

func phpPackages(distribution int, extensions []string) []string {
	packages := []string{"cli", "fpm", "opcache"}
	for _, extension := range extensions {
		names, ok := phpExtensionPackages[extension]
		if !ok {
			names = [2]string{extension, extension}
		}
		if names[distribution] != "" {
			packages = append(packages, names[distribution])
		}
	}
	for i, name := range packages {
		packages[i] = "php" + phpVersion + "-" + name
	}
	slices.Sort(packages)
	return slices.Compact(packages)
}

// joinDistributions is what all parts of a recipe need together, for the operating systems that every part is written for.
func joinDistributions(parts ...map[string]contract.Distribution) map[string]contract.Distribution {
	all := map[string]contract.Distribution{}
	for name := range parts[0] {
		joined := contract.Distribution{Vars: map[string]string{}}
		for _, part := range parts {
			d, ok := part[name]
			if !ok {
				joined.Packages = nil
				break
			}
			joined.Packages = append(joined.Packages, d.Packages...)
			maps.Copy(joined.Vars, d.Vars)
		}
		if joined.Packages == nil {
			continue
		}
		slices.Sort(joined.Packages)
		joined.Packages = slices.Compact(joined.Packages)
		all[name] = joined
	}
	return all
}

// samePackages are packages that are named alike everywhere.
func samePackages(names ...string) map[string]contract.Distribution {
	return map[string]contract.Distribution{amazonLinux2023: {Packages: names}, debian13: {Packages: names}}
}
