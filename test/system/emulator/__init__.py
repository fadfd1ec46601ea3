"""An honest emulator of CloudFormation for Lectern's system tests.

moto answers the services' own APIs (S3, EC2, IAM, KMS …). Its CloudFormation
engine is not used at all: it skips what it does not know and calls a crash a
success. The engine here validates every resource against the provider schemas
that cfn-lint bundles, applies stacks in dependency order, rolls back with a
reason, and writes down in a journal everything it did and everything it could
only pretend to do.

Reading order: template → engine → rollback → resources → native / generic.
"""
