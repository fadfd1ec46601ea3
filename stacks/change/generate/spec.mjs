// Writes what CloudFormation says about changes of resource types, from
// @aws-cdk/aws-service-spec, to standard output or to the file that is named:
//
//   node spec.mjs [FILE]
//
// Of each type: the properties (by path, lists without an index) whose change
// replaces the resource, those whose change may, its identifier, whether it holds
// data, and what the documentation text of a property says about its changes, in a
// word (see `classes`). No text is kept; change.Page says where it stands.
//
// The provider schemas that cfn-lint bundles were compared with it for every type of
// the reference clients. They name no create-only property that is not here. They
// call four properties of AWS::AutoScaling::AutoScalingGroup conditionally
// create-only because the group's UpdatePolicy decides, which the rules of this
// package judge, and lack nested ones and those that are here because the
// documentation says "Update requires: Replacement" (AWS::RDS::DBInstance Port).
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

// Services whose types the templates have, or could have next.
const services = [
  'AutoScaling', 'Backup', 'CertificateManager', 'CloudFront', 'CloudWatch', 'CodeDeploy', 'EC2', 'EFS', 'ElastiCache',
  'ElasticLoadBalancingV2', 'Events', 'IAM', 'KMS', 'Lambda', 'Logs', 'RDS', 'Route53', 'S3', 'SNS', 'SQS', 'SSM',
  'Scheduler', 'SecretsManager', 'Shield', 'WAFv2',
];

// What the documentation text says, and by which words. The first that matches holds.
const classes = [
  // The resource cannot be replaced under the name that it has.
  ['name', /if you specify a name, you can(no|')t perform updates that require replacement|updates to `ApplicationName` are not supported/i],
  // A change in place is not possible; a new logical id makes a new resource.
  ['new-id', /forcing a replacement update by changing the `LogicalResourceId`/i],
  ['refused', /the update request fails|you can(no|')t change the (`\w+` value|origin) after|can't be changed after .* created/i],
  ['restart', /triggers a reboot|instances? might need to (reboot|be restarted)|requires an interruption/i],
  ['interruption', /update requires some interruptions|may require \*some interruptions\*|can result in interruptions/i],
  ['maybe', /update requires \[replacement\]|results in \[replacement\]|requires replacement/i],
];

function classify(documentation) {
  const text = (documentation ?? '').replace(/\s+/g, ' ');
  return classes.find(([, words]) => words.test(text))?.[0];
}

// Each property of a type with its path, those of nested types too. A nested type has
// no entry of its own where the property that holds it replaces anyway.
function properties(db, resource) {
  const found = [];
  const walk = (of, path, seen) => {
    for (const [name, property] of Object.entries(of)) {
      const at = [...path, name];
      found.push([at.join('.'), property]);
      if (property.causesReplacement === 'yes') continue;
      let type = property.type;
      while (type?.element) type = type.element;
      if (type?.type !== 'ref') continue;
      const nested = db.get('typeDefinition', type.reference.$ref);
      if (!seen.includes(nested.name)) walk(nested.properties, at, [...seen, nested.name]);
    }
  };
  walk(resource.properties, [], []);
  return found;
}

function describe(db, resource) {
  const all = properties(db, resource);
  const that = (answer) => all.filter(([, p]) => p.causesReplacement === answer).map(([path]) => path).sort();
  const says = Object.fromEntries(all
    .map(([path, p]) => [path, classify(p.documentation)])
    .filter(([path, word]) => word && !path.includes('.'))
    .sort(([a], [b]) => (a < b ? -1 : 1)));
  const replaces = [...that('yes'), ...(resource.additionalReplacementProperties ?? []).map((p) => p.join('.'))].sort();
  const entry = {
    replaces, mayReplace: that('maybe'), identifier: resource.primaryIdentifier ?? [],
    holdsData: resource.isStateful === true, tags: resource.tagInformation?.tagPropertyName ?? '', says,
  };
  for (const [key, value] of Object.entries(entry)) {
    if (value === false || value === '' || Object.keys(value).length === 0 && value !== true) delete entry[key];
  }
  return entry;
}

function version() {
  const main = createRequire(import.meta.url).resolve('@aws-cdk/aws-service-spec');
  return JSON.parse(readFileSync(join(dirname(main), '..', 'package.json'))).version;
}

const db = loadAwsServiceSpecSync();
const types = db.all('resource')
  .filter((r) => services.includes(r.cloudFormationType.split('::')[1]))
  .sort((a, b) => (a.cloudFormationType < b.cloudFormationType ? -1 : 1));
// A type a line, so that a change of the specification reads well.
const lines = types.map((r) => `${JSON.stringify(r.cloudFormationType)}: ${JSON.stringify(describe(db, r))}`);
const text = `{"source": "@aws-cdk/aws-service-spec ${version()}", "types": {\n${lines.join(',\n')}\n}}\n`;
if (process.argv[2]) writeFileSync(process.argv[2], text);
else process.stdout.write(text);
