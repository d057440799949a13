// Plangate's SDL composes with another team's subgraph, in both composition libraries that gateways use.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import * as apollo from '@apollo/composition';
import * as guild from '@theguild/federation-composition';
import { parse, print } from 'graphql';

const plangate = readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
const calendar = readFileSync(new URL('calendar.graphql', import.meta.url), 'utf8');

for (const [library, { composeServices }] of Object.entries({ apollo, guild })) {
  const compose = (calendarSdl) => {
    const { errors = [], supergraphSdl } = composeServices([
      { name: 'plangate', url: 'http://plangate.test/graphql', typeDefs: parse(plangate) },
      { name: 'calendar', url: 'http://calendar.test/graphql', typeDefs: parse(calendarSdl) },
    ]);
    return { errors: (errors ?? []).map((error) => `${error.extensions?.code}: ${error.message}`), supergraphSdl };
  };

  test(`${library}: Plan is joined from both subgraphs`, () => {
    const { errors, supergraphSdl } = compose(calendar);
    assert.deepEqual(errors, []);
    const plan = parse(supergraphSdl).definitions.find((each) => each.name?.value === 'Plan');
    const directives = (node) => node.directives.map(print).join(' ');
    const field = (name) => directives(plan.fields.find((each) => each.name.value === name));
    for (const graph of ['PLANGATE', 'CALENDAR']) {
      assert.match(directives(plan), new RegExp(`@join__type\\(graph: ${graph}, key: "id"`));
    }
    assert.match(field('rooms'), /graph: CALENDAR/);
    assert.match(field('nextPlan'), /graph: PLANGATE/);
  });

  test(`${library}: a subgraph with Relay's own Node composes too`, () => {
    const withNode = replace(calendar, 'type Room @key', 'interface Node { id: ID! }\ntype Room implements Node @key');
    assert.deepEqual(compose(withNode).errors, []);
  });

  test(`${library}: a PageInfo that is not shareable is refused`, () => {
    const { errors } = compose(replace(calendar, 'PageInfo @shareable', 'PageInfo'));
    assert.match(errors.join('\n'), /INVALID_FIELD_SHARING.*PageInfo\.hasNextPage/);
  });
}

function replace(text, old, by) {
  assert.ok(text.includes(old), `calendar.graphql has no "${old}"`);
  return text.replace(old, by);
}
