// A running Plangate answers what a federation router asks of a subgraph.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';

import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';

import { composers } from './composers.mjs';
import { ask, FEDERATED, startDemo, subgraphSdl } from './demo.mjs';

let origin, federated;
before(async () => {
  [origin, federated] = await Promise.all([startDemo(), startDemo(FEDERATED)]);
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

test('with the settings of federation, _service gives what `schema print --subgraph` prints', async () => {
  const { _service } = await ask(federated, '{ _service { sdl } }');
  assert.equal(_service.sdl, subgraphSdl(FEDERATED).trimEnd());
});

test("a router's plan runs, with prefixed types in variables, fragments and representations", async () => {
  const people = readFileSync(new URL('people.graphql', import.meta.url), 'utf8');
  const badges = `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type PlangatePerson @key(fields: "id") { id: ID! badge: String }
    type Query { badge(number: Int!): PlangatePerson }`;
  const { supergraph } = composers.apollo({ plangate: subgraphSdl(FEDERATED), people, badges });
  const { plan, schema } = planner(supergraph);

  const byTitle = plan(`query ($title: PlangateStringFilter) {
    plans(sources: ["store"], filter: {title: $title}, first: 1) {
      __typename nodes { id createdBy { __typename id badge } }
    }
  }`);
  const [fetch] = byTitle.filter((each) => each.serviceName === 'plangate');
  assert.match(fetch.operation, /\$title: ?PlangateStringFilter/);
  const data = await ask(federated, fetch.operation, { title: { contains: 'harbour' } });
  assert.equal(data.plans.__typename, 'PlangatePlanConnection');
  const [{ createdBy }] = data.plans.nodes;
  assert.equal(createdBy.__typename, 'PlangatePerson');
  assert.match(createdBy.id, /^Person:store:/);
  assert.deepEqual(byTitle.map((each) => each.serviceName), ['plangate', 'badges']);

  const [, entities] = plan('{ badge(number: 1) { id ... on PlangatePerson { name } } }');
  assert.equal(entities.serviceName, 'plangate');
  const representations = [{ __typename: createdBy.__typename, id: createdBy.id }];
  const { _entities } = await ask(federated, entities.operation, { representations });
  assert.deepEqual(Object.keys(_entities[0]), ['name']);
  assert.ok(_entities[0].name);
  assert.ok(schema.toGraphQLJSSchema().getType('Person').getFields().manager);
});

test('root fields that the subgraph leaves out can still be queried', async () => {
  const { viewer, node } = await ask(federated, '{ viewer { __typename } node(id: "Plan:store:harbour-campus") { id } }');
  assert.equal(viewer.__typename, 'PlangateViewer');
  assert.equal(node.id, 'Plan:store:harbour-campus');
});

/** Apollo's query planner over a supergraph: `plan(query)` gives the fetches in their order. */
function planner(supergraphSdl) {
  const supergraph = Supergraph.build(supergraphSdl);
  const schema = supergraph.apiSchema();
  const queryPlanner = new QueryPlanner(supergraph);
  const plan = (query) => fetches(queryPlanner.buildQueryPlan(operationFromDocument(schema, parse(query))).node);
  return { plan, schema };
}

function fetches(node) {
  if (node.kind === 'Fetch') return [node];
  return node.node ? fetches(node.node) : node.nodes.flatMap(fetches);
}
