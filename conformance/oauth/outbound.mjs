// A provider and a FHIR server that wants its tokens, both on this host; the gateway delivers one referral for each case.
import { Provider } from 'oidc-provider';
import * as jose from 'jose';
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const [program, referral] = process.argv.slice(2);
const AUDIENCE = 'https://trial.example/fhir';
const SCOPE = 'system/ResearchSubject.cu';
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384'];

// Keys as an administrator makes them.
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'impress-oauth-'));
const openssl = (...options) => execFileSync('openssl', ['genpkey', ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
const key = (algorithm) => {
  const kind = {
    ES256: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ES384: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  }[algorithm] ?? ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
  return openssl(...kind).toString();
};
const publicJwk = async (pem, algorithm) => {
  const { d, p, q, dp, dq, qi, ...jwk } = await jose.exportJWK(await jose.importPKCS8(pem, algorithm, { extractable: true }));
  return { ...jwk, kid: await jose.calculateJwkThumbprint(jwk), alg: algorithm, use: 'sig' };
};

const cases = [
  ...ALGORITHMS.map((algorithm) => ({ name: algorithm, algorithm, dpop: true })),
  { name: 'without DPoP', algorithm: 'ES384', dpop: false },
  { name: 'token endpoint in place of the issuer', algorithm: 'PS256', dpop: true, tokenUrl: true },
  // What the provider must refuse: the message waits.
  { name: 'a key that is not registered', algorithm: 'ES256', dpop: true, otherKey: true, refused: 'delivery.token-refused' },
  { name: 'an audience that is another', algorithm: 'ES256', dpop: true, audience: 'https://other.example', refused: 'delivery.token-refused' },
  // The provider gives a token without it, and the FHIR server refuses that.
  { name: 'a scope that is not granted', algorithm: 'ES256', dpop: true, scope: 'system/Patient.r', refused: 'delivery.failed' },
  { name: 'Bearer where DPoP is demanded', algorithm: 'ES256', dpop: false, demandsDpop: true, refused: 'delivery.token-refused' },
];
const clients = [];
for (const [number, it] of cases.entries()) {
  it.id = `gateway-${number}`;
  const pem = key(it.algorithm);
  fs.writeFileSync(path.join(folder, `${it.id}.pem`), it.otherKey ? key(it.algorithm) : pem);
  clients.push({
    client_id: it.id, token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: it.algorithm,
    jwks: { keys: [await publicJwk(pem, it.algorithm)] }, grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
    id_token_signed_response_alg: 'PS256',
    dpop_bound_access_tokens: it.dpop || it.demandsDpop === true, scope: SCOPE,
  });
}

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
const opServer = http.createServer();
const issuer = `http://127.0.0.1:${await listen(opServer)}`;
const signing = await jose.generateKeyPair('PS256', { extractable: true });
const signingJwk = { ...(await jose.exportJWK(signing.privateKey)), kid: 's1', alg: 'PS256', use: 'sig' };
const provider = new Provider(issuer, {
  jwks: { keys: [signingJwk] }, clients, scopes: [SCOPE],
  enabledJWA: { clientAuthSigningAlgValues: ALGORITHMS, dPoPSigningAlgValues: ['ES256'] },
  features: {
    devInteractions: { enabled: false }, clientCredentials: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    resourceIndicators: {
      enabled: true, defaultResource: () => AUDIENCE, useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: SCOPE, audience: AUDIENCE, accessTokenFormat: 'jwt', accessTokenTTL: 60, jwt: { sign: { alg: 'PS256' } } }),
    },
  },
});
const said = [];
provider.on('grant.error', (_, error) => said.push(`${error.error}: ${error.error_detail ?? error.error_description}`));
opServer.on('request', provider.callback());

// The FHIR server: what RFC 9068 and RFC 9449 say that it must check; every proof needs its nonce.
const nonce = randomBytes(12).toString('base64url');
const seen = new Set();
let fhir;
const verify = async (request) => {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  const { payload } = await jose.jwtVerify(token, signing.publicKey, { issuer, audience: AUDIENCE, typ: 'at+jwt', algorithms: ['PS256'] });
  if (payload.scope !== SCOPE) throw new Error('scope');
  if (!payload.cnf) return scheme === 'Bearer' ? payload : Promise.reject(new Error('scheme'));
  if (scheme !== 'DPoP') throw new Error('scheme');
  const header = jose.decodeProtectedHeader(request.headers.dpop);
  if (header.jwk.d) throw new Error('private key');
  const proof = await jose.jwtVerify(request.headers.dpop, await jose.importJWK(header.jwk, header.alg), { typ: 'dpop+jwt', maxTokenAge: 5 });
  const { htm, htu, ath, jti } = proof.payload;
  if (await jose.calculateJwkThumbprint(header.jwk) !== payload.cnf.jkt) throw new Error('jkt');
  if (ath !== createHash('sha256').update(token).digest('base64url')) throw new Error('ath');
  if (htm !== request.method || htu !== `${fhir}${request.url}`) throw new Error('htm, htu');
  if (seen.has(jti)) throw new Error('jti');
  seen.add(jti);
  if (proof.payload.nonce !== nonce) throw new Error('use_dpop_nonce');
  return payload;
};
const stored = [];
const fhirServer = http.createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  try {
    const { client_id: client } = await verify(request);
    stored.push(client);
    const entry = JSON.parse(body).entry.map(() => ({ response: { status: '201' } }));
    response.end(JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry }));
  } catch (error) {
    if (error.message !== 'use_dpop_nonce') said.push(`the FHIR server: ${error.message}`);
    response.writeHead(401, { 'DPoP-Nonce': nonce, 'WWW-Authenticate': `DPoP error="${error.message === 'use_dpop_nonce' ? error.message : 'invalid_token'}"` });
    response.end();
  }
});
fhir = `http://127.0.0.1:${await listen(fhirServer)}`;

const toml = (it) => `
[ids]
secret_file = "secret"
[identity]
accept_synthetic = true
[journal]
path = "${it.id}.sqlite"
[server]
listen = "127.0.0.1:0"
[[caller]]
name = "trust"
organisation = "983974732"
role = "trust"
secret_file = "secret"
[[destination]]
name = "trial-system"
url = "${fhir}/fhir"
longest_retry_seconds = 1
[destination.oauth]
${it.tokenUrl ? `token_url = "${issuer}/token"\naudience = "${issuer}"` : `issuer = "${issuer}"${it.audience ? `\naudience = "${it.audience}"` : ''}`}
client_id = "${it.id}"
key_file = "${it.id}.pem"
algorithm = "${it.algorithm}"
scope = "${it.scope ?? SCOPE}"
dpop = ${it.dpop}
`;
const secret = randomBytes(36).toString('base64');
fs.writeFileSync(path.join(folder, 'secret'), secret);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function deliver(it) {
  fs.writeFileSync(path.join(folder, `${it.id}.toml`), toml(it));
  const gateway = spawn(program, ['serve', '--config', path.join(folder, `${it.id}.toml`)], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const address = await new Promise((resolve, reject) => {
      gateway.stdout.on('data', (line) => resolve(line.toString().match(/listening http (\S+)/)[1]));
      gateway.on('exit', () => reject(new Error('the gateway did not start')));
    });
    const headers = { authorization: `Bearer ${secret}` };
    const sent = await fetch(`http://${address}/intake/referrals`, { method: 'POST', headers, body: fs.readFileSync(referral) });
    const id = sent.headers.get('x-message-id');
    for (let count = 0; count < 100; count += 1) {
      const message = await (await fetch(`http://${address}/messages/${id}`, { headers })).json();
      const [delivery] = message.deliveries;
      const codes = delivery.attempts.map((attempt) => attempt.code);
      if (delivery.state === 'delivered' || codes.length >= 2) return { state: delivery.state, codes };
      await pause(100);
    }
    return { state: 'nothing', codes: [] };
  } finally {
    gateway.kill('SIGKILL');
  }
}

let wrong = 0;
for (const it of cases) {
  said.length = 0;
  const { state, codes } = await deliver(it);
  const isStored = stored.includes(it.id);
  const isRight = it.refused
    ? state === 'due' && !isStored && codes.length > 0 && codes.every((code) => code === it.refused)
    : state === 'delivered' && isStored && codes.length === 1;
  if (!isRight) wrong += 1;
  const why = isRight && !it.refused ? '' : ` (${[...new Set(said)].filter((text) => !text.startsWith('use_dpop_nonce')).join('; ')})`;
  console.log(`oauth: ${isRight ? 'as it must be' : 'WRONG'}: ${it.name}: ${state} ${[...new Set(codes)]}${why}`);
}
fs.rmSync(folder, { recursive: true });
console.log(`oauth: ${cases.length} cases, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
