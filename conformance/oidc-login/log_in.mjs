// A browser logs in at oidc-provider and uses the gateway, once for each algorithm of the ID token.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Provider } from 'oidc-provider';

const program = process.argv[2];
const secret = 'a secret of the client, long enough to be one';
const persons = { 'person-1': ['act'], 'person-2': ['nurse'] };

const jwk = (kind, options, alg) =>
  ({ ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), alg, kid: alg, use: 'sig' });
const keys = [
  jwk('rsa', { modulusLength: 2048 }, 'RS256'),
  jwk('rsa', { modulusLength: 2048 }, 'PS256'),
  jwk('ec', { namedCurve: 'P-256' }, 'ES256'),
];

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

function startProvider(port, gateway, alg) {
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    jwks: { keys },
    clients: [{
      client_id: 'gateway', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic',
      redirect_uris: [`http://${gateway}/operator/callback`], response_types: ['code'], grant_types: ['authorization_code'],
      id_token_signed_response_alg: alg,
    }],
    pkce: { required: () => true },
    claims: { openid: ['sub', 'roles'] },
    conformIdTokenClaims: false,
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256'] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, roles: persons[id] }) }),
    cookies: { keys: ['a key of the test'] },
  });
  return new Promise((resolve) => {
    const server = provider.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function startGateway(folder, issuer) {
  writeFileSync(join(folder, 'ids.secret'), 'a secret of the tests, long enough to be one');
  writeFileSync(join(folder, 'client.secret'), secret);
  writeFileSync(join(folder, 'gateway.toml'), `
[ids]
secret_file = "ids.secret"
[journal]
path = "journal.sqlite"
[server]
listen = "127.0.0.1:0"
[operators]
issuer = "${issuer}"
client_id = "gateway"
client_secret_file = "client.secret"
operator = ["act"]
`);
  const child = spawn(program, ['serve', '--config', join(folder, 'gateway.toml')], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error('the gateway ended')));
    child.stdout.on('data', (data) => {
      const line = String(data).match(/^listening http (\S+)/m);
      if (line) resolve([child, line[1]]);
    });
  });
}

// Goes where it is sent, and fills in the two forms of the provider; cookies by host and port, and by path.
class Browser {
  cookies = new Map();

  async ask(url, form) {
    const { host, pathname } = new URL(url);
    const cookies = [...this.cookies.values()]
      .filter((cookie) => cookie.host === host && pathname.startsWith(cookie.path))
      .map((cookie) => `${cookie.name}=${cookie.value}`);
    const answer = await fetch(url, {
      method: form ? 'POST' : 'GET', redirect: 'manual', body: form && new URLSearchParams(form),
      headers: { accept: 'text/html', cookie: cookies.join('; '), ...(form && { origin: new URL(url).origin }) },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
      const cookie = { host, path, name, value: pair.slice(name.length + 1) };
      if (cookie.value) this.cookies.set(`${host} ${path} ${name}`, cookie);
      else this.cookies.delete(`${host} ${path} ${name}`);
    }
    const location = answer.headers.get('location');
    return { status: answer.status, text: await answer.text(), next: location && new URL(location, url).href };
  }

  async logIn(gateway, person) {
    let url = `http://${gateway}/operator/login?return_to=/messages`;
    for (let step = 0; step < 20; step += 1) {
      let answer = await this.ask(url);
      if (!answer.next && /\/interaction\//.test(url)) {
        const prompt = answer.text.match(/name="prompt" value="(\w+)"/)[1];
        const action = answer.text.match(/action="([^"]+)"/)[1];
        answer = await this.ask(new URL(action, url).href, { prompt, login: person, password: 'x' });
      }
      if (!answer.next) return answer;
      url = answer.next;
    }
    throw new Error('sent around in a circle');
  }
}

function check(is, what) {
  if (!is) throw new Error(what);
}

let failed = false;
for (const { alg } of keys) {
  const folder = mkdtempSync(join(tmpdir(), 'oidc-login-'));
  const port = await freePort();
  const [child, gateway] = await startGateway(folder, `http://127.0.0.1:${port}`);
  const server = await startProvider(port, gateway, alg);
  child.removeAllListeners('exit');
  try {
    const browser = new Browser();
    const shown = await browser.logIn(gateway, 'person-1');
    check(shown.status === 200 && shown.text.includes('<h1>Messages</h1>'), `logged in: ${shown.status} ${shown.text}`);
    const start = await browser.ask(`http://${gateway}/operator`);
    const csrf = start.text.match(/name="csrf" value="([^"]+)"/)[1];
    const out = await browser.ask(`http://${gateway}/operator/logout`, { csrf });
    check(out.status === 303, `logged out: ${out.status} ${out.text}`);
    const gone = await browser.ask(`http://${gateway}/messages`);
    check(gone.status === 401, `nobody is logged in: ${gone.status}`);
    const refused = await new Browser().logIn(gateway, 'person-2');
    check(refused.status === 403 && refused.text.includes('operator.role-missing'), `no role: ${refused.status}`);
    console.log(`${alg}\tlogged in, logged out, and a person without a role refused`);
  } catch (error) {
    failed = true;
    console.log(`${alg}\t${error.message}`);
  } finally {
    child.kill();
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exit(failed ? 1 : 0);
