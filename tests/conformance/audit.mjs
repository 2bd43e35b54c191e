// Runs the GraphQL over HTTP audits of graphql-http against a live endpoint:
//
//   node audit.mjs http://127.0.0.1:8080/graphql
//
// Prints a line an audit and, last, one line of JSON: {"total":61,"ok":61,"failed":[]}.
// Exits with 0 only when there are as many audits as we know of and each is ok: a SHOULD counts like a MUST.
import { serverAudits } from 'graphql-http';

const EXPECTED = 61;

const url = process.argv[2];
if (!url) {
  console.error('usage: node audit.mjs URL');
  process.exit(2);
}

// An audit throws when it gets no answer at all; that is its result then, and the others still run.
const results = await Promise.all(
  serverAudits({ url }).map((audit) =>
    audit.fn().catch((error) => ({ ...audit, status: 'fatal', reason: `${error.message} ${error.cause ?? ''}` })),
  ),
);

const failed = [];
for (const { id, name, status, reason, response } of results) {
  if (status === 'ok') {
    console.log(`ok ${id} ${name}`);
    continue;
  }
  const got = response ? ` (answered ${response.status} ${response.headers.get('content-type')})` : '';
  console.log(`${status} ${id} ${name}: ${reason}${got}`);
  failed.push({ id, name, status, reason });
}

const ok = results.length - failed.length;
console.log(JSON.stringify({ total: results.length, ok, failed }));
process.exitCode = ok === EXPECTED && results.length === EXPECTED ? 0 : 1;
