// A provider whose tokens the gateway takes: a client of the provider sends a referral with a proof of possession, and then with
// each proof and token that must not be taken.
import { Provider } from 'oidc-provider';
import * as jose from 'jose';
import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const [program, referral] = process.argv.slice(2);
const AUDIENCE = 'https://gateway.example';
const SCOPE = `${AUDIENCE}/referral`;
const OTHER_SCOPE = `${AUDIENCE}/status`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'impress-oauth-in-'));

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
const freePort = async () => {
  const probe = net.createServer();
  const port = await listen(probe);
  await new Promise((resolve) => probe.close(resolve));
  return port;
};
const pair = async (algorithm) => {
  const { publicKey, privateKey } = await jose.generateKeyPair(algorithm, { extractable: true });
  return { publicKey, privateKey, jwk: await jose.exportJWK(publicKey), whole: await jose.exportJWK(privateKey), algorithm };
};

// The provider: signed assertions, tokens bound to a key, a nonce for each proof.
const opServer = http.createServer();
const issuer = `http://127.0.0.1:${await listen(opServer)}`;
const [signing, client] = [await pair('PS256'), await pair('PS256')];
const provider = new Provider(issuer, {
  jwks: { keys: [{ ...signing.whole, kid: 's1', alg: 'PS256', use: 'sig' }] },
  clients: [{
    client_id: 'forde', token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'PS256',
    jwks: { keys: [{ ...client.jwk, kid: 'c1', alg: 'PS256', use: 'sig' }] }, grant_types: ['client_credentials'], redirect_uris: [],
    response_types: [], id_token_signed_response_alg: 'PS256', dpop_bound_access_tokens: true, scope: `${SCOPE} ${OTHER_SCOPE}`,
  }],
  scopes: [SCOPE, OTHER_SCOPE],
  enabledJWA: { clientAuthSigningAlgValues: ['PS256'], dPoPSigningAlgValues: ['ES256', 'PS256'] },
  features: {
    devInteractions: { enabled: false }, clientCredentials: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    resourceIndicators: {
      enabled: true, defaultResource: () => AUDIENCE, useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: `${SCOPE} ${OTHER_SCOPE}`, audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 60, jwt: { sign: { alg: 'PS256' } },
      }),
    },
  },
  extraTokenClaims: () => ({ 'helseid://claims/client/claims/orgnr_parent': '983974732' }),
});
opServer.on('request', provider.callback());

const seconds = () => Math.floor(Date.now() / 1000);
const sign = (key, header, claims) => new jose.SignJWT(claims).setProtectedHeader(header).sign(key);

async function token(holder, { scope = SCOPE, resource = AUDIENCE } = {}) {
  const endpoint = `${issuer}/token`;
  let nonce;
  for (let count = 0; count < 2; count += 1) {
    const assertion = await sign(client.privateKey, { alg: 'PS256', kid: 'c1' }, {
      iss: 'forde', sub: 'forde', aud: issuer, jti: randomUUID(), iat: seconds(), exp: seconds() + 30,
    });
    const proof = await sign(holder.privateKey, { typ: 'dpop+jwt', alg: holder.algorithm, jwk: holder.jwk }, {
      jti: randomUUID(), htm: 'POST', htu: endpoint, iat: seconds(), nonce,
    });
    const body = new URLSearchParams({
      grant_type: 'client_credentials', scope, resource, client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    const answer = await fetch(endpoint, { method: 'POST', body, headers: { dpop: proof } });
    const said = await answer.json();
    if (answer.ok) return said.access_token;
    nonce = answer.headers.get('dpop-nonce');
    if (!nonce) throw new Error(`the provider: ${JSON.stringify(said)}`);
  }
  throw new Error('the provider gives no token');
}

// The gateway.
const port = await freePort();
const base = `http://127.0.0.1:${port}`;
fs.writeFileSync(path.join(folder, 'secret'), randomBytes(36).toString('base64'));
fs.writeFileSync(path.join(folder, 'gateway.toml'), `
[ids]
secret_file = "secret"
[identity]
accept_synthetic = true
[journal]
path = "journal.sqlite"
[limits]
failures_per_minute = 1000
[server]
listen = "127.0.0.1:${port}"
public_url = "${base}"
authorization = "dpop"
dpop_nonce = true
[[issuer]]
name = "provider"
url = "${issuer}"
profile = "helseid"
audience = "${AUDIENCE}"
algorithms = ["PS256"]
[[client]]
issuer = "provider"
client_id = "forde"
role = "trust"
`);
const gateway = spawn(program, ['serve', '--config', path.join(folder, 'gateway.toml')], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, RUST_LOG: 'error' } });
await new Promise((resolve, reject) => {
  gateway.stdout.on('data', (line) => line.toString().includes('listening http') && resolve());
  gateway.on('exit', () => reject(new Error('the gateway did not start')));
});

const body = fs.readFileSync(referral);
const url = `${base}/intake/referrals`;
const holder = await pair('ES256');
const other = await pair('ES256');
const good = await token(holder);
let nonce;
const hash = (text) => createHash('sha256').update(text).digest('base64url');

async function proof({ header = {}, claims = {}, key = holder.privateKey, without = [], access = good } = {}) {
  const heads = { typ: 'dpop+jwt', alg: 'ES256', jwk: holder.jwk, ...header };
  const all = { jti: randomUUID(), htm: 'POST', htu: url, iat: seconds(), ath: hash(access), nonce, ...claims };
  for (const name of without) { delete all[name]; delete heads[name]; }
  if (without.includes('alg')) {
    const part = (value) => jose.base64url.encode(JSON.stringify(value));
    return `${part(heads)}.${part(all)}.${jose.base64url.encode(randomBytes(64))}`;
  }
  return sign(key, heads, all);
}

async function send(access, proofs, scheme = 'DPoP') {
  const headers = new Headers({ authorization: `${scheme} ${access}` });
  for (const one of proofs) headers.append('dpop', one);
  const answer = await fetch(url, { method: 'POST', body, headers });
  nonce = answer.headers.get('dpop-nonce') ?? nonce;
  await answer.arrayBuffer();
  const word = (answer.headers.get('www-authenticate') ?? '').match(/error="([^"]+)"/)?.[1] ?? '';
  return { status: answer.status, word };
}

let wrong = 0;
let count = 0;
function judge(name, { status, word }, expected, words = ['']) {
  const isRight = status === expected && words.includes(word);
  wrong += isRight ? 0 : 1;
  count += 1;
  console.log(`oauth: ${isRight ? 'as it must be' : 'WRONG'}: ${name}: ${status} ${word}`);
}

judge('a proof without the nonce of the gateway', await send(good, [await proof({ without: ['nonce'] })]), 401, ['use_dpop_nonce']);
// What may have been used before the start is not taken for some seconds.
let first = { status: 503 };
let taken;
for (let waited = 0; first.status === 503 && waited < 20; waited += 1) {
  taken = await proof();
  first = await send(good, [taken]);
  if (first.status === 503) await new Promise((resolve) => setTimeout(resolve, 500));
}
judge('a token of the provider with its proof', first, 200);
const invalid = ['invalid_dpop_proof'];
const secret = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
for (const [name, made] of [
  ['the same proof twice', async () => taken],
  ['without htu', () => proof({ without: ['htu'] })],
  ['without htm', () => proof({ without: ['htm'] })],
  ['iat in the past', () => proof({ claims: { iat: seconds() - 60 } })],
  ['iat in the future', () => proof({ claims: { iat: seconds() + 60 } })],
  ['without ath', () => proof({ without: ['ath'] })],
  ['without alg', () => proof({ without: ['alg'] })],
  ['without jwk', () => proof({ without: ['jwk'] })],
  ['without jti', () => proof({ without: ['jti'] })],
  ['a symmetric algorithm', () => proof({ header: { alg: 'HS256' }, key: secret })],
  ['the private key in jwk', () => proof({ header: { jwk: holder.whole } })],
  ['another typ', () => proof({ header: { typ: 'jwt' } })],
  ['a signature of another key', () => proof({ key: other.privateKey })],
  ['another method', () => proof({ claims: { htm: 'GET' } })],
  ['another address', () => proof({ claims: { htu: `${base}/fhir` } })],
  ['of another token', () => proof({ claims: { ath: hash('another') } })],
]) {
  judge(name, await send(good, [await made()]), 401, invalid);
}
// RFC 9449, section 7.1: the binding is the token's.
judge('another key than the token names', await send(good, [await proof({ header: { jwk: other.jwk }, key: other.privateKey })]), 401, ['invalid_token']);
judge('no proof', await send(good, []), 401, invalid);
judge('the token as bearer', await send(good, [], 'Bearer'), 401, ['']);
const elsewhere = await token(holder, { resource: 'https://other.example' });
judge('a token for another API', await send(elsewhere, [await proof({ access: elsewhere })]), 401, ['invalid_token']);
const little = await token(holder, { scope: OTHER_SCOPE });
judge('a token without the scope', await send(little, [await proof({ access: little })]), 403, ['insufficient_scope']);
const forged = await sign(other.privateKey, { alg: 'ES256', typ: 'at+jwt', kid: 's1' }, jose.decodeJwt(good));
judge('a token that somebody else signed', await send(forged, [await proof({ access: forged })]), 401, ['invalid_token']);
const none = `${jose.base64url.encode(JSON.stringify({ alg: 'none', typ: 'at+jwt' }))}.${good.split('.')[1]}.`;
judge('a token without a signature', await send(none, [await proof({ access: none })]), 401, ['invalid_token']);
judge('the first token again, with a new proof', await send(good, [await proof()]), 200);

gateway.kill('SIGKILL');
fs.rmSync(folder, { recursive: true });
console.log(`oauth: ${count} cases of tokens that come in, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
