// A real OpenID Connect provider (npm oidc-provider) for the tests. node provider.mjs <port> <key file>
// Whoever logs in as s-<name> is <name>, with s-<name> as subject; groups and more of them stand in `people`. PUT /twist changes the identity tokens that it gives from then on: what an attacker or a broken
// provider would send. Everything else (PKCE, codes that count once, client authentication, redirect addresses) is the provider's own doing.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { SignJWT, decodeJwt, importJWK } from 'jose';
import Provider from 'oidc-provider';

const [port, keyFile] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const makeKey = kid => ({ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' });
if (!existsSync(keyFile)) writeFileSync(keyFile, JSON.stringify(makeKey(`key-${process.pid}`)));
const key = JSON.parse(readFileSync(keyFile, 'utf8'));
const stranger = makeKey(key.kid);

const people = {
  ana: { groups: ['soc-analysts'], name: 'Ana A.', email: 'ana@soc.example', email_verified: true },
  vera: { groups: ['canteen'], name: 'Vera V.' },
  mara: { groups: ['soc-analysts'], name: 'Mara M.', email: 'boris@soc.example', email_verified: false },
  root: { groups: ['soc-admins'], name: 'Root R.' },
};
const client = (id, more) => ({
  client_id: id, client_secret: `${id}-secret-of-0123456789`, application_type: 'native', grant_types: ['authorization_code'], response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/api/login/corp/callback'], ...more,
});
let twist = {};

const provider = new Provider(issuer, {
  clients: [client('soar', {}), client('soar-post', { token_endpoint_auth_method: 'client_secret_post' })],
  jwks: { keys: [key] },
  pkce: { required: () => true },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email', 'email_verified'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id.slice(2), ...people[id.slice(2)] }) }),
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['a-key-for-tests-only'] },
});
provider.use(async (ctx, next) => {
  if (ctx.path === '/twist' && ctx.method === 'PUT') {
    let body = '';
    for await (const part of ctx.req) body += part;
    twist = JSON.parse(body);
    ctx.status = 204;
    return;
  }
  await next();
  if (ctx.path === '/token' && ctx.body?.id_token && Object.keys(twist).length > 0) {
    const { claims = {}, by = 'own', alg = 'RS256', shift = 0 } = twist;
    const told = { ...decodeJwt(ctx.body.id_token), ...claims };
    for (const time of ['iat', 'exp', 'nbf']) if (typeof told[time] === 'number') told[time] += shift; else delete told[time];
    if (by === 'nobody') {
      const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
      ctx.body.id_token = `${part({ alg: 'none' })}.${part(told)}.`;
    } else {
      const secret = alg === 'HS256' ? Buffer.from('soar-secret-of-0123456789') : await importJWK(by === 'own' ? key : stranger, alg);
      ctx.body.id_token = await new SignJWT(told).setProtectedHeader({ alg, kid: key.kid }).sign(secret);
    }
  }
});
provider.listen(Number(port), '127.0.0.1', () => console.log(`ready ${issuer}`));
