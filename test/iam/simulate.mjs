// Answers questions to IAM, all at once: JSON from stdin, JSON to stdout.
//   {policies: [document…], questions: [{principal, action, resource, account, context, identity: [index…], resourcePolicy: index}…]}
//   → {answers: [{result, identity: [match…], resource: [match…], denied: [statement…]}…], wildcardOnly: [action…]}
// A match is a statement that allowed: {policy, statement, actions, resources}, by position; denied are statements of the
// resource's policy. An answer with `error` was not evaluated. wildcardOnly are actions for which IAM knows no resource.
import { text } from 'node:stream/consumers'
import { isWildcardOnlyAction, runSimulation } from '@cloud-copilot/iam-simulate'

const { policies, questions } = JSON.parse(await text(process.stdin))

const matching = (list, name) => [list ?? []].flat().flatMap((entry, i) => (entry.matches ? [i] : []))

function matches(analysis) {
  return (analysis?.allowStatements ?? []).map(({ explain, policyId, statement }) => ({
    policy: policyId,
    statement: statement.index() - 1,
    actions: matching(explain.actions),
    resources: matching(explain.resources),
  }))
}

const answers = []
for (const q of questions) {
  const identity = q.identity ?? []
  const outcome = await runSimulation({
    request: {
      principal: q.principal,
      action: q.action,
      resource: { resource: q.resource, accountId: q.account },
      contextVariables: q.context ?? {},
    },
    identityPolicies: identity.map((i) => ({ name: String(i), policy: policies[i] })),
    resourcePolicy: q.resourcePolicy === undefined ? undefined : policies[q.resourcePolicy],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {})
  if (outcome.resultType === 'error') {
    answers.push({ error: outcome.errors })
    continue
  }
  const results = outcome.resultType === 'single' ? [outcome.result] : outcome.results
  answers.push({
    result: outcome.overallResult,
    ignored: results.flatMap((r) => r.ignoredContextKeys ?? []),
    identity: results.flatMap((r) => matches(r.analysis?.identityAnalysis)),
    resource: results.flatMap((r) => matches(r.analysis?.resourceAnalysis)),
    denied: results.flatMap((r) => (r.analysis?.resourceAnalysis?.denyStatements ?? []).map((s) => s.statement.index() - 1)),
  })
}

const wildcardOnly = []
for (const action of new Set(questions.map((q) => q.action))) {
  const [service, name] = action.split(':')
  if (await isWildcardOnlyAction(service, name)) wildcardOnly.push(action)
}
process.stdout.write(JSON.stringify({ answers, wildcardOnly }))
