package contract

import "strings"

// BootArgs is what user data tells the runtime. Everything else it reads from the configuration parameter and from
// the instance metadata service. Values may be CDK tokens.
//
// The name of the Auto Scaling group is not among them: a group cannot be named in its own launch template, so boot
// asks autoscaling:DescribeAutoScalingInstances for the group of its own instance.
type BootArgs struct {
	ConfigParameter string // name of the SSM parameter that holds Config
	Region          string // region of the stack
	StackName       string // stack to signal; empty: nobody is signalled
	LogicalID       string // logical ID of the Auto Scaling group in that stack
	LaunchHook      string // name of the launching lifecycle hook; empty: there is none
	Revision        string // hash of the configuration; only makes a changed configuration a changed launch template
}

// Flags of `lectern-runtime boot`, without the leading dashes.
const (
	FlagConfigParameter = "config-parameter"
	FlagRegion          = "region"
	FlagStack           = "stack"
	FlagResource        = "resource"
	FlagLaunchHook      = "launch-hook"
	FlagRevision        = "revision"
)

// Args is the argument list after the executable's name. Empty values are left out.
func (a BootArgs) Args() []string {
	args := []string{"boot"}
	for _, f := range [...]struct{ name, value string }{
		{FlagConfigParameter, a.ConfigParameter},
		{FlagRegion, a.Region},
		{FlagStack, a.StackName},
		{FlagResource, a.LogicalID},
		{FlagLaunchHook, a.LaunchHook},
		{FlagRevision, a.Revision},
	} {
		if f.value != "" {
			args = append(args, "--"+f.name, f.value)
		}
	}
	return args
}

// Command is the line for user data, every value in single quotes so that a shell takes it as it is. A token inside is
// resolved by CloudFormation before any shell sees it.
func (a BootArgs) Command() string {
	words := []string{BinaryPath}
	for _, arg := range a.Args() {
		if arg != "boot" && !strings.HasPrefix(arg, "--") {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}
