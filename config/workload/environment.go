package workload

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/lectern/lectern/config"
)

// AppSecret is the secret whose fields are the variables of secretEnvironment.
const AppSecret = "app"

// StandardVariables are what the environment of gitapp and codedeploy says by itself, as far as the pieces exist.
func StandardVariables() []string {
	return []string{
		"PORT", "PUBLIC_URL", "AWS_REGION",
		"DATABASE_ENGINE", "DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_USERNAME", "DATABASE_PASSWORD", "DATABASE_CA", "DATABASE_URL",
		"REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_TLS", "REDIS_URL",
		"MEMCACHED_SERVERS",
		"FILES_PATH",
		"S3_BUCKET", "S3_REGION", "S3_ENDPOINT", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY",
	}
}

// variableName is what shells, systemd and PHP all take.
var variableName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,63}$`)

// systemVariables are those that the system gives a process; a value for all of them would break commands.
var systemVariables = []string{"HOME", "USER", "LOGNAME", "SHELL", "PWD", "IFS", "LD_PRELOAD", "LD_LIBRARY_PATH"}

// looksSecret are names of variables whose values do not belong into a file that is kept in git.
var looksSecret = regexp.MustCompile(`(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|API_KEY|APP_KEY|SECRET_KEY|PRIVATE_KEY)$`)

// environmentKeys are the bounds of workload.secretEnvironment, for every kind that has it.
func environmentKeys() []config.Key {
	return []config.Key{
		{Path: "workload.secretEnvironment", MaxItems: 100, Unique: true},
		{Path: "workload.secretEnvironment[]", Pattern: variableName, Noun: "the name of a variable: A-Z, 0-9 and _", Example: "APP_KEY"},
	}
}

// environmentProblems checks plain values and the names of secret ones together.
func environmentProblems(f config.File, plain map[string]string, secret []string) config.Problems {
	var problems config.Problems
	refuse := func(path, found, fix string) { problems = append(problems, f.Problem(path, found, fix)) }
	for _, name := range slices.Sorted(maps.Keys(plain)) {
		path := "workload.environment." + name
		switch {
		case !variableName.MatchString(name):
			refuse(path, fmt.Sprintf("%q is not the name of a variable", name), "use A-Z, 0-9 and _, for example APP_ENV")
			continue
		case looksSecret.MatchString(name):
			refuse(path, "the name is that of a secret, and this file is not a place for one", "put the name into workload.secretEnvironment, and the value into the secret that the deployment makes")
		case strings.ContainsAny(plain[name], "\n\r\x00"):
			refuse(path, "the value has several lines", "write it on one")
		}
		if found, fix := reservedVariable(name); found != "" {
			refuse(path, found, fix)
		}
	}
	for i, name := range secret {
		path := fmt.Sprintf("workload.secretEnvironment[%d]", i)
		if found, fix := reservedVariable(name); found != "" {
			refuse(path, found, fix)
		}
		if _, ok := plain[name]; ok {
			refuse(path, name+" is also in workload.environment", "keep one of the two")
		}
	}
	return problems
}

func reservedVariable(name string) (found, fix string) {
	switch {
	case slices.Contains(StandardVariables(), name):
		return name + " is set by the environment itself", "remove it, or choose another name; your code may read " + name
	case slices.Contains(systemVariables, name):
		return name + " belongs to the operating system", "choose another name, or set it in the command that needs it"
	case strings.HasPrefix(name, "LECTERN_"):
		return name + " begins with LECTERN_, which is reserved", "choose another name"
	}
	return "", ""
}

// appSecrets is the secret that a person fills in for secretEnvironment, if there is one.
func appSecrets(names []string) []Secret {
	if len(names) == 0 {
		return nil
	}
	return []Secret{{Name: AppSecret, Description: "Variables of the application's environment", Fields: slices.Clone(names)}}
}
