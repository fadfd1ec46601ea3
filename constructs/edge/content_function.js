// Runs at every request of a viewer for /content/*, on CloudFront Functions' JavaScript runtime 2.0: ES 5.1 with some of
// ES 6-12, the modules crypto and cloudfront, 10 KB, about a millisecond.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
//
// /content/GRANT/TENANT/CONTENT/path is let through as /content/TENANT/CONTENT/path if the grant is good for this host, so
// that the grant is in no cache key. The service does the same without a CDN: runtime/launch, CheckGrant, ParseContentPath
// and RefuseServiceWorker. Both are held to runtime/launch/testdata/content-grants.json.
import crypto from 'crypto';
import cf from 'cloudfront';

// The store of this function: id of a key -> the key, in hex.
const keys = cf.kvs();

const ROOT = '/content/';
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const KEY_ID = /^[0-9a-f]{8}$/;
// Not in the name of a file: control characters, slashes, and escapes of these, of dots or of the escape's own sign that a
// second decoding would bring to light.
const NOT_IN_NAMES = /[\u0000-\u001f\u007f\/\\]|%(?:2f|5c|2e|00|25)/i;

async function handler(event) {
    const request = event.request;
    const path = parse(request.uri);
    if (!path) {
        return refuse(403, 'Forbidden', 'There is no content at this address.');
    }
    if (request.headers['service-worker']) {
        // It would outlive its launch, and answer requests of its origin for learners who come later.
        return refuse(403, 'Forbidden', 'A course has no service worker.');
    }
    const grant = path.grant.split('.');
    const good = await signed(grant, request.headers.host, path);
    if (!good) {
        return refuse(403, 'Forbidden', 'This address is not valid. Launch the course again.');
    }
    if (Date.now() >= parseInt(grant[0], 36) * 1000) {
        return refuse(410, 'Gone', 'This address has expired. Launch the course again.');
    }
    request.uri = ROOT + path.tenant + '/' + path.content + '/' + path.file;
    return request;
}

// parse takes the path apart, as it came: percent-encoded. The file comes back encoded anew, all but unreserved characters,
// so that one file has one cache key, and S3 does not read + as a space.
function parse(uri) {
    if (uri.indexOf(ROOT) !== 0) {
        return null;
    }
    const parts = uri.slice(ROOT.length).split('/');
    if (parts.length < 4 || !ID.test(parts[1]) || !ID.test(parts[2])) {
        return null;
    }
    const names = [];
    for (let i = 3; i < parts.length; i++) {
        let name;
        try {
            name = decodeURIComponent(parts[i]);
        } catch (e) {
            return null;
        }
        if (name === '' || name === '.' || name === '..' || NOT_IN_NAMES.test(name)) {
            return null;
        }
        names.push(encodeURIComponent(name).replace(/[!'()*]/g, escaped));
    }
    return { grant: parts[0], tenant: parts[1], content: parts[2], file: names.join('/') };
}

function escaped(character) {
    return '%' + character.charCodeAt(0).toString(16).toUpperCase();
}

// signed says whether a grant (expiry, id of the key, MAC) was made for this content at this host with a key of the store.
async function signed(grant, host, path) {
    if (!host || !host.value || grant.length !== 3 || !KEY_ID.test(grant[1])) {
        return false;
    }
    let key;
    try {
        key = await keys.get(grant[1]);
    } catch (e) {
        // No such key.
        return false;
    }
    const lines = ['content-grant/v2', host.value.toLowerCase(), path.tenant, path.content, grant[0]].join('\n');
    return same(grant[2], crypto.createHmac('sha256', Buffer.from(key, 'hex')).update(lines).digest('base64url'));
}

// same takes equally long wherever two texts differ. The runtime has nothing of its own for that.
function same(given, want) {
    if (given.length !== want.length) {
        return false;
    }
    let difference = 0;
    for (let i = 0; i < want.length; i++) {
        difference |= given.charCodeAt(i) ^ want.charCodeAt(i);
    }
    return difference === 0;
}

function refuse(status, description, text) {
    return {
        statusCode: status,
        statusDescription: description,
        headers: {
            'content-type': { value: 'text/plain; charset=utf-8' },
            'cache-control': { value: 'no-store' }
        },
        body: { encoding: 'text', data: text }
    };
}
