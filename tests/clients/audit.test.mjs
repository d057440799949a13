// The audit of GraphQL over HTTP that graphql-http publishes, all of it. It sends GETs without a preflight header.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { auditServer } from 'graphql-http';

import { startDemo } from './demo.mjs';

let origin;
before(async () => {
  origin = await startDemo({ PLANGATE_REQUIRE_PREFLIGHT: 'false' });
});

test('all 61 audits are ok', async () => {
  const results = await auditServer({ url: `${origin}/graphql` });
  const others = results.filter(({ status }) => status !== 'ok');
  assert.deepEqual(others.map(({ id, name, status, reason }) => `${status} ${id} ${name}: ${reason}`), []);
  assert.equal(results.length, 61);
});
