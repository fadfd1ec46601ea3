// Package provision makes an instance what its recipe (contract.Recipe) says. It knows no kind of workload.
//
// Boot calls the steps in this order. Each may be run again on the same machine, does then what is left to do, and what
// it asks the network for it asks several times.
//
//	FetchRecipe         S3 → contract.RecipePath, SHA-256 compared
//	Users               contract.AppUser
//	InstallPackages     apt-get or dnf
//	MountFiles          the shared file system: /etc/fstab, mounted, and seen to be
//	MakeDirectories
//	RunInstallers       programs that no distribution has
//	StartEnvironment    contract.EnvironmentUnit: from here on the secrets are there
//	FetchCode           git → contract.CodeDir
//	WriteFiles
//	Build               as contract.AppUser in contract.CodeDir
//	RunOnce             the same, on one instance of the fleet at a time
//	StartServices
//	StartHost           contract.UnitName
//
// When a step fails, LogUnits copies what the units said and Stop stops those that were started: nothing half-working is
// left.
//
// # Secrets
//
// Templates of files, commands and units cannot ask for secrets; they reach the workload in its environment, which is in
// memory. The key or token for git is in memory too while git runs, in a file that only root can read. Values of the
// environment that were made from secrets are taken out of what commands print, before it reaches the log.
package provision
