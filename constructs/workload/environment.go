package workload

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/runtime/contract"
)

// standardEnvironment says where the pieces of the environment are, as far as there are any, then what the client file
// says. Passwords in URLs are escaped.
func standardEnvironment(g Given, plain map[string]string, secret []string) []contract.Variable {
	variables := []contract.Variable{
		{Name: "PORT", Value: "{{.UpstreamPort}}"},
		{Name: "PUBLIC_URL", Value: "{{.PublicURL}}"},
		{Name: "AWS_REGION", Value: "{{.Region}}"},
	}
	variables = append(variables, databaseVariables(g.DatabaseEngine)...)
	switch g.CacheEngine {
	case contract.CacheValkey:
		const login = `{{if .Cache.SecretARN}}{{secret "cache" ""}}{{end}}`
		variables = append(variables,
			contract.Variable{Name: "REDIS_HOST", Value: "{{.Cache.Host}}"},
			contract.Variable{Name: "REDIS_PORT", Value: "{{.Cache.Port}}"},
			contract.Variable{Name: "REDIS_PASSWORD", Value: login},
			contract.Variable{Name: "REDIS_TLS", Value: "{{.Cache.TLS}}"},
			contract.Variable{Name: "REDIS_URL", Value: `redis{{if .Cache.TLS}}s{{end}}://{{if .Cache.SecretARN}}:{{secret "cache" "" | urlquery}}@{{end}}{{.Cache.Host}}:{{.Cache.Port}}`},
		)
	case contract.CacheMemcached:
		variables = append(variables, contract.Variable{Name: "MEMCACHED_SERVERS", Value: "{{range $i, $c := .Cache.Clusters}}{{if $i}},{{end}}{{$c.Host}}:{{$c.Port}}{{end}}"})
	}
	if g.FilesPath != "" {
		variables = append(variables, contract.Variable{Name: "FILES_PATH", Value: "{{.Files.MountPath}}"})
	}
	if g.Bucket {
		const key = `{{if .ObjectStore.SecretARN}}{{secret "objectStore" "%s"}}{{end}}`
		variables = append(variables,
			contract.Variable{Name: "S3_BUCKET", Value: "{{.ObjectStore.Bucket}}"},
			contract.Variable{Name: "S3_REGION", Value: "{{.ObjectStore.Region}}"},
			// These are empty for Amazon S3, where the instance's role is enough.
			contract.Variable{Name: "S3_ENDPOINT", Value: "{{.ObjectStore.Endpoint}}"},
			contract.Variable{Name: "S3_ACCESS_KEY_ID", Value: fmt.Sprintf(key, "accessKeyId")},
			contract.Variable{Name: "S3_SECRET_ACCESS_KEY", Value: fmt.Sprintf(key, "secretAccessKey")},
		)
	}
	for _, name := range slices.Sorted(maps.Keys(plain)) {
		variables = append(variables, contract.Variable{Name: name, Value: literal(plain[name])})
	}
	for _, name := range secret {
		variables = append(variables, contract.Variable{Name: name, Value: fmt.Sprintf("{{secret %q %q}}", workload.AppSecret, name)})
	}
	return variables
}

// databaseVariables name the database both as a URL and in parts, since programs want the one or the other. The URL of
// PostgreSQL asks for a verified connection by the names of libpq; those of MySQL have no common name for that, so
// programs must be given DATABASE_CA.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
func databaseVariables(engine string) []contract.Variable {
	if engine == "" {
		return nil
	}
	const address = `{{secret "database" "username" | urlquery}}:{{secret "database" "password" | urlquery}}@{{.Database.Host}}:{{.Database.Port}}/{{.Database.Name}}`
	url := "mysql://" + address
	if engine == contract.EnginePostgres {
		url = "postgres://" + address + `{{if eq .Database.TLSMode "disable"}}?sslmode=disable{{else}}?sslmode=verify-full&sslrootcert={{urlquery .CABundle}}{{end}}`
	}
	return []contract.Variable{
		{Name: "DATABASE_ENGINE", Value: "{{.Database.Engine}}"},
		{Name: "DATABASE_HOST", Value: "{{.Database.Host}}"},
		{Name: "DATABASE_PORT", Value: "{{.Database.Port}}"},
		{Name: "DATABASE_NAME", Value: "{{.Database.Name}}"},
		{Name: "DATABASE_USERNAME", Value: `{{secret "database" "username"}}`},
		{Name: "DATABASE_PASSWORD", Value: `{{secret "database" "password"}}`},
		{Name: "DATABASE_CA", Value: "{{.CABundle}}"},
		{Name: "DATABASE_URL", Value: url},
	}
}

// literal is a template that says text, whatever is in it: client files hold no templates.
func literal(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }

// jobs of a client file.
func jobs(list []workload.Job) []contract.Job {
	var all []contract.Job
	for _, j := range list {
		all = append(all, contract.Job{Name: j.Name, Schedule: j.Schedule, Run: literal(j.Command), LimitSeconds: j.Limit()})
	}
	return all
}

// linkSeconds is room for a shared file system that answers slowly.
const linkSeconds = 120

// linkUploads makes a folder of the code a link to the shared file system. It is a command of the build, and not a
// directory, because the code may bring that folder itself and would then hide what is shared.
func linkUploads(g Given, uploads workload.SiteUploads) []contract.Command {
	if uploads.Path == "" || g.FilesPath == "" {
		return nil
	}
	run := fmt.Sprintf(`[ -L %[1]s ] || { rm -rf -- %[1]s && mkdir -p -- %[2]s && ln -s -- %[3]s %[1]s; }`, uploads.Path, path.Dir(uploads.Path), g.FilesPath)
	return []contract.Command{{Run: run, LimitSeconds: linkSeconds}}
}

// below is a folder of the code.
func below(folder string) string {
	if folder == "." {
		return "{{.CodeDir}}"
	}
	return "{{.CodeDir}}/" + folder
}
