// The explorer's script: the sign-in form above GraphiQL, and the example queries in it.
//
// Invariant: the tokens are kept in the memory of this page only, and are sent to ENDPOINT only.

const ENDPOINT = '/graphql';

/** Part of an access token's life after which it is renewed. */
const USED_LIFE = 0.9;

const TOKENS = 'accessToken refreshToken expiresIn networks { id name } errors { code message }';
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { ${TOKENS} } }`;
const TOKEN_REFRESH = `mutation ($input: TokenRefreshInput!) { tokenRefresh(input: $input) { ${TOKENS} } }`;
const SIGN_OUT = 'mutation { signOut(input: {}) { done errors { code message } } }';
const VIEWER = '{ viewer { person { name } network { name } } }';

/** A sign-in: signs in and out, and sends requests with an access token that it renews in time. */
export class Session {
  /** `{ access, refresh, renewAt }`; null: nobody is signed in. */
  #tokens = null;
  /** The renewal under way. All requests wait for the same one. */
  #renewal = null;
  #fetch;
  #now;
  #endpoint;
  #onEnd;

  /** `onEnd` is called when the server ends the sign-in. */
  constructor({ fetch = (...request) => globalThis.fetch(...request), now = Date.now, endpoint = ENDPOINT, onEnd = () => {} } = {}) {
    this.#fetch = fetch;
    this.#now = now;
    this.#endpoint = endpoint;
    this.#onEnd = onEnd;
  }

  /**
   * Signs in. Returns the errors of the payload, empty if it succeeded, and the networks to choose from.
   * Throws where there is no payload.
   */
  async signIn(input) {
    const payload = await this.#mutate('signIn', { query: SIGN_IN, variables: { input } });
    if (payload.errors.length === 0) this.#keep(payload);
    return { errors: payload.errors, networks: payload.networks };
  }

  /** Signs out. The tokens are forgotten even where the server cannot be reached; then it throws. */
  async signOut() {
    try {
      const tokens = await this.#current();
      if (tokens) await this.#mutate('signOut', { query: SIGN_OUT }, tokens.access);
    } finally {
      this.#tokens = null;
    }
  }

  /** Who is signed in: their name and network. */
  async viewer() {
    const { data, errors } = await this.send({ query: VIEWER });
    if (!data?.viewer) throw new Error(errors?.[0]?.message ?? 'The server does not say who is signed in.');
    return `${data.viewer.person.name}, ${data.viewer.network.name}`;
  }

  /** Sends a GraphQL request, and returns the answer. A header `authorization` of its own replaces the sign-in. */
  async send(request, headers = {}) {
    if (new Headers(headers).has('authorization')) return (await this.#post(request, headers)).json();
    const tokens = await this.#current();
    const response = await this.#post(request, headers, tokens?.access);
    if (response.status !== 401 || !tokens) return response.json();
    // The token ended before its time, and the request was not executed: it is sent once more with the next one.
    const next = this.#tokens === tokens ? await this.#renew() : this.#tokens;
    return (next ? await this.#post(request, headers, next.access) : response).json();
  }

  /** The tokens to use now. */
  async #current() {
    return this.#tokens && this.#now() >= this.#tokens.renewAt ? this.#renew() : this.#tokens;
  }

  #renew() {
    this.#renewal ??= this.#exchange(this.#tokens).finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #exchange(tokens) {
    const variables = { input: { refreshToken: tokens.refresh } };
    const payload = await this.#mutate('tokenRefresh', { query: TOKEN_REFRESH, variables });
    // Someone signed out or in while the answer was on its way.
    if (this.#tokens !== tokens) return this.#tokens;
    if (payload.errors.length === 0) return this.#keep(payload);
    this.#tokens = null;
    this.#onEnd();
    return null;
  }

  #keep({ accessToken, refreshToken, expiresIn }) {
    const renewAt = this.#now() + expiresIn * 1000 * USED_LIFE;
    this.#tokens = { access: accessToken, refresh: refreshToken, renewAt };
    return this.#tokens;
  }

  async #mutate(field, request, access) {
    const response = await this.#post(request, {}, access);
    const answer = await response.json().catch(() => ({}));
    const payload = answer.data?.[field];
    if (!payload) throw new Error(answer.errors?.[0]?.message ?? `The server answered ${response.status}.`);
    return payload;
  }

  #post(request, given, access) {
    const headers = new Headers(given);
    headers.set('content-type', 'application/json');
    if (access) headers.set('authorization', `Bearer ${access}`);
    return this.#fetch(this.#endpoint, { method: 'POST', headers, body: JSON.stringify(request) });
  }
}

/** The examples, as tabs of GraphiQL. Their queries are those of README.md and api/MANUAL.md. `today` is a Date. */
export function examples(today) {
  const inTwoWeeks = new Date(today.getTime() + 14 * 86_400_000).toISOString().slice(0, 10);
  return [
    {
      query: `# Who is signed in, and their roles.
# Sign in above, then press the pink button.
query Viewer {
  viewer {
    person { name }
    memberships {
      nodes {
        role
        franchise { name }
      }
    }
  }
}
`,
    },
    {
      query: `# The clients of a facilitator,
# those at the highest risk first.
query Portfolio {
  viewer {
    portfolio(first: 3) {
      totalCount
      nodes {
        name
        risk
        currentStage { title }
        nextSession { startsAt }
        progress {
          actionsOverdue
          actionsDueSoon
          daysSinceLastSession
        }
        topPriorities(first: 3) {
          nodes {
            title
            owner { name }
          }
        }
      }
    }
  }
}
`,
    },
    {
      query: `# The team of a leader,
# and the member that the leader is.
query Team {
  viewer {
    memberships {
      nodes {
        role
        client { id name }
        team { id name }
        member { id name }
      }
    }
  }
}
`,
    },
    {
      query: `# Clients that match a filter, sorted.
query Clients {
  clients(
    first: 5,
    filter: {
      sizeBand: {in: [SMALL, MEDIUM]},
      or: [
        {name: {startsWith: "b"}},
        {risk: {gte: 20}}
      ]
    },
    orderBy: [
      {field: RISK, direction: DESC},
      {field: NAME}
    ]
  ) {
    nodes { name risk sizeBand }
  }
}
`,
    },
    {
      query: `# Objects by the beginnings of their words.
query Search {
  search(
    text: "iyer brew",
    first: 1,
    filter: {kind: {eq: CLIENT}}
  ) {
    nodes {
      kind
      title
      client { name }
    }
  }
}
`,
    },
    {
      query: `# A change. Copy the IDs of a team and of one of
# its members into the variables. The tab Team
# lists them if you sign in as the leader.
mutation ActionCreate(
  $team: ID!,
  $owner: ID!,
  $dueOn: Date!
) {
  actionCreate(input: {
    teamId: $team,
    ownerId: $owner,
    title: "Call the three largest customers",
    dueOn: $dueOn
  }) {
    action { id }
    errors { code message path }
  }
}
`,
      variables: JSON.stringify({ team: '', owner: '', dueOn: inTwoWeeks }, null, 2),
    },
  ];
}

/** Starts the page. */
function start() {
  const element = (id) => document.getElementById(id);
  const form = element('sign-in');
  const { email, password, networkId } = form.elements;
  if (!globalThis.GraphiQL) {
    element('message').textContent = 'GraphiQL is not loaded: its files cannot be reached.';
    return;
  }
  const ended = () => show(null, 'Your sign-in has ended. Sign in again.');
  const session = new Session({ onEnd: ended });
  const root = ReactDOM.createRoot(element('explorer'));

  let signOuts = 0;

  // A new fetcher makes GraphiQL read the schema again, which some servers show to signed-in callers only. A new key
  // makes it start anew, without the answers to the person who signed out.
  const render = () =>
    root.render(
      React.createElement(GraphiQL, {
        key: signOuts,
        fetcher: (request, options) => session.send(request, options?.headers),
        defaultTabs: examples(new Date()),
        defaultEditorToolsVisibility: 'variables',
        // A header may be a secret, and the browser's storage outlives the page.
        shouldPersistHeaders: false,
      }),
    );

  /** Shows who is signed in (null: nobody), and a message. */
  function show(who, message = '') {
    form.hidden = who !== null;
    element('signed-in').hidden = who === null;
    element('who').textContent = who ?? '';
    element('message').textContent = message;
    render();
  }

  /** Offers networks to choose from; none: hides the choice. */
  function offer(networks) {
    networkId.replaceChildren(...networks.map(({ id, name }) => new Option(name, id)));
    element('choice').hidden = networks.length === 0;
  }

  async function signIn() {
    const input = { email: email.value, password: password.value };
    if (networkId.value) input.networkId = networkId.value;
    const { errors, networks } = await session.signIn(input);
    if (errors.length > 0) {
      offer(networks);
      element('message').textContent = errors[0].message;
      return;
    }
    offer([]);
    password.value = password.defaultValue;
    show(await session.viewer());
    element('sign-out').focus();
  }

  async function signOut() {
    signOuts += 1;
    try {
      await session.signOut();
      show(null);
    } catch (error) {
      show(null, `Signed out on this page only: ${error.message}`);
    }
    email.focus();
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    signIn().catch((error) => {
      element('message').textContent = error.message;
    });
  });
  email.addEventListener('change', () => offer([]));
  element('sign-out').addEventListener('click', signOut);
  render();
}

// Tests import this file without a page.
if (globalThis.document) start();
