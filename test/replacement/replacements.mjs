// What would be replaced, deleted or orphaned if the second of two assemblies were
// deployed over the first: node replacements.mjs BEFORE AFTER [--json]
//
// It asks @aws-cdk/cloudformation-diff, which `cdk diff` uses, and needs no account.
// It exits 1 when a resource that is retained would be replaced or leave its stack.
//
//   node replacements.mjs --create-only TYPE...
//
// prints, as JSON, the properties of resource types whose change always replaces.
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { ResourceImpact, fullDiff } from '@aws-cdk/cloudformation-diff';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

const suffix = '.template.json';
const grave = [ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE, ResourceImpact.WILL_DESTROY, ResourceImpact.WILL_ORPHAN];

function templates(folder) {
  if (!existsSync(folder)) throw new Error(`${folder}: there is no such folder; give two that cdk synth wrote`);
  const found = readdirSync(folder).filter((name) => name.endsWith(suffix)).sort();
  if (found.length === 0) throw new Error(`${folder}: there is no template in it; give a folder that cdk synth wrote`);
  return Object.fromEntries(found.map((name) => [name.slice(0, -suffix.length), JSON.parse(readFileSync(join(folder, name)))]));
}

function stateful(resource) {
  return ['Retain', 'Snapshot', 'RetainExceptOnCreate'].includes(resource?.DeletionPolicy);
}

function compare(before, after) {
  const impacts = [];
  for (const stack of Object.keys(before)) {
    const next = after[stack] ?? { Resources: {} };
    fullDiff(before[stack], next).resources.forEachDifference((id, change) => {
      if (!grave.includes(change.changeImpact)) return;
      const causes = Object.entries(change.propertyUpdates)
        .filter(([, update]) => grave.includes(update.changeImpact))
        .map(([name]) => name)
        .sort();
      impacts.push({
        stack, id,
        type: change.oldResourceType ?? change.newResourceType,
        impact: change.changeImpact,
        properties: causes,
        stateful: stateful(before[stack].Resources[id]),
      });
    });
  }
  return impacts.sort((a, b) => (a.stack + a.id).localeCompare(b.stack + b.id));
}

function createOnly(types) {
  const db = loadAwsServiceSpecSync();
  return Object.fromEntries(types.map((type) => {
    const spec = db.lookup('resource', 'cloudFormationType', 'equals', type).only();
    const names = Object.entries(spec.properties).filter(([, p]) => p.causesReplacement === 'yes').map(([name]) => name);
    return [type, names.sort()];
  }));
}

function main(args) {
  if (args[0] === '--create-only') {
    console.log(JSON.stringify(createOnly(args.slice(1)), null, 2));
    return 0;
  }
  const [before, after] = args.filter((a) => a !== '--json');
  if (!before || !after) throw new Error('usage: replacements.mjs BEFORE AFTER [--json]');
  const impacts = compare(templates(before), templates(after));
  const lost = impacts.filter((i) => i.stateful);
  if (args.includes('--json')) {
    console.log(JSON.stringify(impacts, null, 2));
  } else {
    for (const i of impacts) {
      console.log(`${i.stateful ? 'STATEFUL ' : '         '}${i.impact.padEnd(12)} ${i.stack} ${i.id} (${i.type})${i.properties.length ? ': ' + i.properties.join(', ') : ''}`);
    }
    console.log(lost.length ? `${lost.length} stateful resources would be replaced or leave their stack.` : 'No stateful resource would be replaced or leave its stack.');
  }
  return lost.length ? 1 : 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
