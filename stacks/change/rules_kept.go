package change

const (
	generatedPage = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html#cfn-secretsmanager-secret-generatesecretstring"
)

// keptRules are about what holds data beside databases.
func keptRules() []rule {
	return []rule{
		{on: "AWS::SecretsManager::Secret", property: "GenerateSecretString", then: Overwritten, say: "another value is generated and written over the present one", way: "leave it as it is; put another value by put-secret-value", page: generatedPage},
		{on: "AWS::SecretsManager::Secret", property: "SecretString", then: Overwritten, say: "the value is written over the present one", way: "keep values out of the template; put-secret-value writes them", page: generatedPage},
		{on: "AWS::S3::Bucket", property: "ObjectLockEnabled", when: func(a asked) bool { return a.new == true }, then: None, say: "object lock is switched on for new objects", page: Page("AWS::S3::Bucket", "ObjectLockEnabled")},
	}
}
