// Reads the explorer of a running server as a browser without the internet would, and runs its script:
//
//   node explorer.mjs http://127.0.0.1:8080 PASSWORD FACILITATOR LEADER
//
// FACILITATOR and LEADER are the e-mail addresses of two sign-ins with that password. The leader is in a team that the
// facilitator works with. Exits with 0 if everything holds.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const [base, password, facilitator, leader] = process.argv.slice(2);
const page = await fetch(`${base}/explorer`);
const html = await page.text();

// Every address of the page is the server's own, answers with the right type, and has the pinned content.
const tags = html.match(/<(?:script|link)\b[^>]*>/g);
const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };
const found = [];
for (const tag of tags) {
  const url = new URL(/ (?:src|href)="([^"]*)"/.exec(tag)[1], `${base}/explorer`);
  assert.equal(url.origin, base, tag);
  const response = await fetch(url);
  assert.equal(response.status, 200, tag);
  const [, name, extension] = /([\w.-]+)\.(js|css)$/.exec(url.pathname);
  found.push(`${name}.${extension}`);
  assert.equal(response.headers.get('content-type'), types[extension], tag);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff', tag);
  const isPinned = url.pathname.startsWith('/assets/');
  const kept = isPinned ? 'public, max-age=31536000, immutable' : 'no-store';
  assert.equal(response.headers.get('cache-control'), kept, tag);
  if (!isPinned) continue;
  const content = Buffer.from(await response.arrayBuffer());
  const hash = createHash('sha384').update(content).digest('base64');
  assert.equal(/ integrity="([^"]*)"/.exec(tag)[1], `sha384-${hash}`, tag);
}
assert.deepEqual(found.sort(), [
  'explorer.css',
  'explorer.js',
  'graphiql.min.css',
  'graphiql.min.js',
  'react-dom.production.min.js',
  'react.production.min.js',
]);
const policy = page.headers.get('content-security-policy');
assert.ok(!policy.includes('http') && policy.includes("script-src 'self';"), policy);

// Nothing but those files is below /assets/.
for (const path of ['', 'package.json', '..%2fconcord.db', '%2e%2e/concord.db', 'graphiql.min.js/', 'graphiql.min.js.map']) {
  const response = await fetch(`${base}/assets/${path}`);
  assert.equal(response.status, 404, path);
}

// The script, as it is served.
const script = Buffer.from(await (await fetch(`${base}/explorer.js`)).arrayBuffer());
const { Session, examples } = await import(`data:text/javascript;base64,${script.toString('base64')}`);

// Against a server that is played here: what is sent, and when.
class Played {
  sent = [];
  time = 0;
  answers = {};
  ends = 0;
  session = new Session({
    endpoint: '/graphql',
    now: () => this.time,
    onEnd: () => (this.ends += 1),
    fetch: async (url, { method, headers, body }) => {
      assert.equal(`${method} ${url}`, 'POST /graphql');
      const { query, variables } = JSON.parse(body);
      const name = /\b(signIn|tokenRefresh|signOut|viewer)\b/.exec(query)?.[1] ?? 'other';
      this.sent.push({ name, token: headers.get('authorization'), variables });
      // The answer comes later, as it would.
      await Promise.resolve();
      const [status, answer] = this.answers[name](variables?.input, headers.get('authorization'));
      return new Response(JSON.stringify(answer), { status });
    },
  });
  names = () => this.sent.map(({ name }) => name);
  tokens = () => this.sent.map(({ token }) => token);
}
const payload = (field, values) => [200, { data: { [field]: { errors: [], networks: [], ...values } } }];
const tokens = (number) => ({ accessToken: `access ${number}`, refreshToken: `refresh ${number}`, expiresIn: 300 });
const signedIn = async () => {
  const played = new Played();
  let refreshed = 1;
  played.answers.signIn = () => payload('signIn', tokens(1));
  played.answers.tokenRefresh = () => payload('tokenRefresh', tokens((refreshed += 1)));
  played.answers.other = () => [200, { data: {} }];
  played.answers.signOut = () => payload('signOut', { done: true });
  const { errors } = await played.session.signIn({ email: 'a@example.com', password: 'b' });
  assert.deepEqual(errors, []);
  return played;
};

const checks = {
  async 'without a sign-in no token is sent'() {
    const played = new Played();
    played.answers.other = () => [200, { data: { a: 1 } }];
    assert.deepEqual(await played.session.send({ query: '{ a }' }), { data: { a: 1 } });
    assert.deepEqual(played.tokens(), [null]);
  },
  async 'a token is sent with each request, and renewed before it expires'() {
    const played = await signedIn();
    played.time = 269_000;
    await played.session.send({ query: '{ a }' });
    played.time = 271_000;
    // Two requests at once share one renewal.
    await Promise.all([played.session.send({ query: '{ a }' }), played.session.send({ query: '{ a }' })]);
    assert.deepEqual(played.names(), ['signIn', 'other', 'tokenRefresh', 'other', 'other']);
    assert.deepEqual(played.tokens(), [null, 'Bearer access 1', null, 'Bearer access 2', 'Bearer access 2']);
    assert.deepEqual(played.sent[2].variables, { input: { refreshToken: 'refresh 1' } });
    played.time = 550_000;
    await played.session.send({ query: '{ a }' });
    assert.deepEqual(played.sent[5].variables, { input: { refreshToken: 'refresh 2' } });
  },
  async 'a token that ended early is renewed, and the request sent again'() {
    const played = await signedIn();
    played.answers.other = (_, token) => (token === 'Bearer access 1' ? [401, { errors: [] }] : [200, { data: { a: 1 } }]);
    assert.deepEqual(await played.session.send({ query: '{ a }' }), { data: { a: 1 } });
    assert.deepEqual(played.names(), ['signIn', 'other', 'tokenRefresh', 'other']);
  },
  async 'a sign-in that the server ended is told once, and no token is sent any more'() {
    const played = await signedIn();
    played.time = 300_000;
    const errors = [{ code: 'NOT_AUTHENTICATED', message: 'Sign in again.' }];
    played.answers.tokenRefresh = () => payload('tokenRefresh', { errors });
    await Promise.all([played.session.send({ query: '{ a }' }), played.session.send({ query: '{ a }' })]);
    assert.equal(played.ends, 1);
    assert.deepEqual(played.tokens().slice(2), [null, null]);
  },
  async 'a sign-in outlives a renewal that cannot be sent'() {
    const played = await signedIn();
    played.time = 300_000;
    const refresh = played.answers.tokenRefresh;
    played.answers.tokenRefresh = () => {
      throw new Error('no network');
    };
    await assert.rejects(played.session.send({ query: '{ a }' }), /no network/);
    played.answers.tokenRefresh = refresh;
    await played.session.send({ query: '{ a }' });
    assert.equal(played.tokens().at(-1), 'Bearer access 2');
    assert.equal(played.ends, 0);
  },
  async 'a header of its own replaces the sign-in'() {
    const played = await signedIn();
    await played.session.send({ query: '{ a }' }, { Authorization: 'Bearer own', 'X-Request-Id': 'one' });
    assert.deepEqual(played.tokens(), [null, 'Bearer own']);
  },
  async 'a choice of networks is handed on, and no token kept'() {
    const played = await signedIn();
    await played.session.signOut();
    const networks = [{ id: 'network_1', name: 'One' }];
    const errors = [{ code: 'CHOICE_NEEDED', message: 'Choose a network.' }];
    played.answers.signIn = () => payload('signIn', { networks, errors });
    assert.deepEqual(await played.session.signIn({ email: 'a@example.com', password: 'b' }), { networks, errors });
    await played.session.send({ query: '{ a }' });
    assert.equal(played.tokens().at(-1), null);
  },
  async 'a refused request is thrown with its message'() {
    const played = new Played();
    played.answers.signIn = () => [429, { errors: [{ message: 'Wait.' }] }];
    await assert.rejects(played.session.signIn({ email: 'a@example.com', password: 'b' }), /^Error: Wait\.$/);
  },
  async 'signing out forgets the tokens, whatever the server answers'() {
    const played = await signedIn();
    played.answers.signOut = () => [503, { errors: [{ message: 'Away.' }] }];
    await assert.rejects(played.session.signOut(), /Away/);
    await played.session.send({ query: '{ a }' });
    assert.deepEqual(played.tokens(), [null, 'Bearer access 1', null]);
  },
  async 'signing out during a renewal is final'() {
    const played = await signedIn();
    played.time = 300_000;
    await Promise.all([played.session.send({ query: '{ a }' }), played.session.signOut()]);
    await played.session.send({ query: '{ a }' });
    assert.deepEqual(played.names().filter((name) => name === 'tokenRefresh').length, 1);
    assert.equal(played.tokens().at(-1), null);
  },

  // Against the server.
  async 'a person signs in, refreshes and signs out'() {
    let time = 0;
    const session = new Session({ endpoint: `${base}/graphql`, now: () => time });
    const wrong = await session.signIn({ email: facilitator, password: `${password}?` });
    assert.deepEqual(wrong.errors.map(({ code }) => code), ['NOT_AUTHENTICATED']);
    assert.deepEqual((await session.signIn({ email: facilitator, password })).errors, []);
    const who = await session.viewer();
    assert.match(who, /^.+, .+$/);
    time = 280_000;
    assert.equal(await session.viewer(), who);
    await session.signOut();
    await assert.rejects(session.viewer(), Error);
  },
  async 'the examples are those of the pages, and run'() {
    const squeezed = (text) => text.replace(/\s+/g, '');
    const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
    const pages = squeezed((await read('README.md')) + (await read('api/MANUAL.md')));
    const session = async (email) => {
      const session = new Session({ endpoint: `${base}/graphql` });
      assert.deepEqual((await session.signIn({ email, password })).errors, []);
      return session;
    };
    const asFacilitator = await session(facilitator);
    const asLeader = await session(leader);
    let ids;
    for (const { query, variables } of examples(new Date())) {
      // The pages have neither comments nor names of operations.
      const bare = query.replace(/^#.*\n/gm, '').replace(/^(query|mutation) \w+/, '$1').replace(/^query {/, '{');
      assert.ok(pages.includes(squeezed(bare)), query);
      const given = variables && { ...JSON.parse(variables), ...ids };
      const isOfLeader = query.includes('query Team');
      const answer = await (isOfLeader ? asLeader : asFacilitator).send({ query, variables: given });
      assert.equal(answer.errors, undefined, `${query}${JSON.stringify(answer.errors)}`);
      if (isOfLeader) {
        const { team, member } = answer.data.viewer.memberships.nodes[0];
        ids = { team: team.id, owner: member.id };
      }
      if (variables) assert.deepEqual(answer.data.actionCreate.errors, []);
    }
  },
};
for (const [name, check] of Object.entries(checks)) {
  await check().catch((error) => {
    throw new Error(name, { cause: error });
  });
}
