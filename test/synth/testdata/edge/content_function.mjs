// Runs a CloudFront Function in Node as CloudFront would: node content_function.mjs FUNCTION.js < requests.json
// Standard input: {"keys": {id: value}, "requests": [{"uri": "…", "headers": {name: value}, "now": "RFC 3339"}]}; standard output: what the function
// returned for each, as JSON. The modules hold what CloudFront's have and no more.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { createHash, createHmac } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const input = JSON.parse(readFileSync(0, 'utf8'));
globalThis.cloudfrontModules = {
    crypto: { createHash, createHmac },
    cloudfront: {
        kvs: () => ({
            async get(key) {
                if (!Object.hasOwn(input.keys, key)) {
                    throw new Error('KeyNotFound');
                }
                return input.keys[key];
            },
        }),
    },
};

const code = pathToFileURL(process.argv[2]).href;
registerHooks({
    resolve(specifier, context, next) {
        if (context.parentURL !== code) {
            return next(specifier, context);
        }
        if (!Object.hasOwn(globalThis.cloudfrontModules, specifier)) {
            throw new Error(`CloudFront has no module ${specifier}`);
        }
        return { url: 'cloudfront:' + specifier, format: 'module', shortCircuit: true };
    },
    load(url, context, next) {
        if (url.startsWith('cloudfront:')) {
            const name = url.slice('cloudfront:'.length);
            return { format: 'module', source: `export default globalThis.cloudfrontModules[${JSON.stringify(name)}];`, shortCircuit: true };
        }
        if (url === code) {
            return { format: 'module', source: readFileSync(new URL(url), 'utf8') + '\nexport { handler };', shortCircuit: true };
        }
        return next(url, context);
    },
});

// Names are in lower case, as CloudFront gives them.
const headersOf = (request) => Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), { value }]));

const { handler } = await import(code);
const answers = [];
for (const request of input.requests) {
    Date.now = () => Date.parse(request.now);
    answers.push(await handler({
        version: '1.0',
        context: { eventType: 'viewer-request' },
        viewer: { ip: '192.0.2.1' },
        request: { method: 'GET', uri: request.uri, querystring: { v: { value: '1' } }, headers: headersOf(request), cookies: {} },
    }));
}
process.stdout.write(JSON.stringify(answers));
