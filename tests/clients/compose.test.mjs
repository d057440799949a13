// Plangate's SDL composes with other teams' subgraphs, in the three composition libraries that gateways use.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { parse, print } from 'graphql';

import { composers } from './composers.mjs';
import { FEDERATED, subgraphSdl } from './demo.mjs';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const plangate = read('../../schema/schema.graphql');
const calendar = read('calendar.graphql');
const people = read('people.graphql');
const federated = subgraphSdl(FEDERATED);
const withoutNode = subgraphSdl({ PLANGATE_FEDERATION__OMITTED_ROOT_FIELDS: 'node' });

for (const [library, compose] of Object.entries(composers)) {
  test(`${library}: Plan is joined from both subgraphs`, () => {
    const { errors, hints, supergraph } = compose({ plangate, calendar });
    assert.deepEqual([errors, hints], [[], []]);
    const plan = definition(supergraph, 'Plan');
    const field = (name) => plan.fields.find((each) => each.name.value === name);
    assert.ok(field('rooms') && field('nextPlan'));
    if (library === 'wundergraph') return; // keeps the joins elsewhere
    const directives = (node) => node.directives.map(print).join(' ');
    for (const graph of ['PLANGATE', 'CALENDAR']) {
      assert.match(directives(plan), new RegExp(`@join__type\\(graph: ${graph}, key: "id"`));
    }
    assert.match(directives(field('rooms')), /graph: CALENDAR/);
    assert.match(directives(field('nextPlan')), /graph: PLANGATE/);
  });

  test(`${library}: a subgraph with Relay's own Node composes too`, () => {
    const withNode = replace(calendar, 'type Room @key', 'interface Node { id: ID! }\ntype Room implements Node @key');
    assert.deepEqual(compose({ plangate, calendar: withNode }).errors, []);
  });

  test(`${library}: a PageInfo that is not shareable is refused`, () => {
    const { errors } = compose({ plangate, calendar: replace(calendar, 'PageInfo @shareable', 'PageInfo') });
    assert.match(errors.join('\n'), /(INVALID_FIELD_SHARING.*PageInfo\.hasNextPage|Object "PageInfo" defines the same)/);
  });

  test(`${library}: a second node is refused unless it overrides Plangate's, or Plangate leaves its own out`, () => {
    const relay = (directive) => `
      extend schema @link(
        url: "https://specs.apollo.dev/federation/v2.9"
        import: ["@key", "@inaccessible", "@override", "@shareable"]
      )
      interface Node { id: ID! }
      type Room implements Node @key(fields: "id") { id: ID! name: String! }
      type Query { node(id: ID!): Node ${directive} }`;
    for (const directive of ['', '@inaccessible', '@shareable']) {
      const { errors } = compose({ plangate, rooms: relay(directive) });
      assert.match(errors.join('\n'), /(INVALID_FIELD_SHARING.*"Query\.node"|Object "Query" defines the same)/, directive);
    }
    const overridden = compose({ plangate, rooms: relay('@override(from: "plangate")') });
    assert.deepEqual(overridden.errors, []);
    assert.deepEqual(
      overridden.hints,
      library === 'apollo'
        ? ['OVERRIDDEN_FIELD_CAN_BE_REMOVED: Field "Query.node" on subgraph "plangate" is overridden. Consider removing it.']
        : [],
    );
    assert.deepEqual(compose({ plangate: withoutNode, rooms: relay('') }).errors, []);
  });

  test(`${library}: without settings, a subgraph with the same names is refused`, () => {
    const { errors } = compose({ plangate, people });
    for (const type of ['Person', 'Query', 'Source', 'Viewer']) {
      assert.match(errors.join('\n'), new RegExp(`(INVALID_FIELD_SHARING.*"${type}\\.|Object "${type}" defines the same)`));
    }
  });

  test(`${library}: without settings, a filter of the same name silently loses fields`, () => {
    const other = 'input StringFilter { eq: String startsWith: String } type Query { rooms(name: StringFilter): [ID!] }';
    const { errors, supergraph } = compose({ plangate, other });
    assert.deepEqual(errors, []);
    assert.deepEqual(fieldsOf(supergraph, 'StringFilter'), ['eq']);
  });

  test(`${library}: with the settings of docs/federation.md it composes, with these hints`, () => {
    const { errors, hints, supergraph } = compose({ plangate: federated, people });
    assert.deepEqual(errors, []);
    assert.deepEqual(
      hints.map((hint) => hint.match(/^(\w+): .*?"(\w+)"/).slice(1).join(' ')),
      library === 'apollo'
        ? [
            'INCONSISTENT_DESCRIPTION Node',
            'INCONSISTENT_DESCRIPTION PageInfo',
            'INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS DateTime', // @specifiedBy
          ]
        : [],
    );
    assert.deepEqual(fieldsOf(supergraph, 'Person'), ['id', 'manager', 'name']);
    assert.deepEqual(fieldsOf(supergraph, 'StringFilter'), ['eq', 'startsWith']);
    assert.deepEqual(fieldsOf(supergraph, 'PlangateStringFilter'), ['contains', 'eq', 'in', 'isNull']);
    assert.ok(fieldsOf(supergraph, 'PlangatePerson').includes('createdPlans'));
  });

  test(`${library}: with a prefix, another subgraph may have every name that got it`, () => {
    const prefixed = names(federated).filter((name) => name.startsWith('Plangate')).map((name) => name.slice(8));
    for (const name of ['Viewer', 'Source', 'StringFilter']) assert.ok(names(plangate).includes(name), name);
    const other = [...prefixed, 'Viewer', 'Source', 'Health', 'Circuit', 'Role'];
    const everything = [
      ...other.map((name) => `type ${name} { foreign: Int! }`),
      `type Query { ${other.map((name) => `own${name}: ${name}`).join(' ')} }`,
    ].join('\n');
    const { errors, hints } = compose({ plangate: federated, everything });
    assert.deepEqual([errors, hints], [[], []]);
  });
}

test('the prefix is on every type but those that are shared, and those of one system', () => {
  const systems = /^(Happyforce|OnePlan|Planhat|PlanningCenter|Scale)/;
  const kept = names(federated).filter((name) => !/^(Plangate|_)/.test(name) && !systems.test(name));
  assert.deepEqual(kept, [
    'Action', 'Attachment', 'Date', 'DateTime', 'Item', 'JSON', 'NeededPosition', 'Node', 'Note', 'PageInfo', 'Plan',
    'PlanTime', 'Query', 'Series', 'ServiceType', 'Step', 'Task', 'TeamMember', 'URL',
  ]); // prettier-ignore
  const gone = names(plangate).filter((name) => ![name, `Plangate${name}`].some((each) => names(federated).includes(each)));
  assert.deepEqual(gone, ['Circuit', 'Health', 'Role', 'Source', 'Viewer']);
});

function definition(sdl, name) {
  return parse(sdl).definitions.find((each) => each.name?.value === name);
}

function fieldsOf(sdl, type) {
  return definition(sdl, type).fields.map((field) => field.name.value).sort();
}

function names(sdl) {
  return parse(sdl).definitions.filter((each) => each.kind.endsWith('TypeDefinition')).map((each) => each.name.value).sort();
}

function replace(text, old, by) {
  assert.ok(text.includes(old), `the subgraph has no "${old}"`);
  return text.replace(old, by);
}
