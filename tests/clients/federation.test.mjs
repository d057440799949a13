// A running Plangate answers what a federation router asks of a subgraph.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';

import { ask, startDemo } from './demo.mjs';

let origin;
before(async () => {
  origin = await startDemo();
});

test('_service gives the SDL of the repository', async () => {
  const { _service } = await ask(origin, '{ _service { sdl } }');
  const file = readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
  const lines = (sdl) => sdl.split('\n').map((line) => line.trim()).filter(Boolean);
  assert.deepEqual(lines(_service.sdl), lines(file));
});

test('_entities gives plans of both systems in one request, in the order asked', async () => {
  const { store, live } = await ask(
    origin,
    `{
      store: plans(sources: ["store"], first: 1) { nodes { id source displayTitle } }
      live: plans(sources: ["planning_center"], first: 1) { nodes { id source displayTitle } }
    }`,
  );
  const plans = [...live.nodes, ...store.nodes];
  assert.deepEqual(plans.map((plan) => plan.source), ['planning_center', 'store']);

  const { _entities } = await ask(
    origin,
    `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on Plan { id source displayTitle } }
    }`,
    { representations: plans.map(({ id }) => ({ __typename: 'Plan', id })) },
  );
  assert.deepEqual(_entities, plans);
});
