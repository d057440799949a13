// Starts `plangate demo` on a free port for a test file, and stops it afterwards.
// PLANGATE names another command than the checkout's .venv/bin/plangate, arguments included.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const command = process.env.PLANGATE ?? `${repository}.venv/bin/plangate`;
const patience = 60_000;
const running = [];

after(async () => {
  for (const { demo, hasEnded } of running) {
    if (!hasEnded() && demo.kill()) await once(demo, 'exit');
  }
});

/** The settings of docs/federation.md for a graph in which another subgraph has `node`, viewers and people of its own. */
export const FEDERATED = {
  PLANGATE_FEDERATION__TYPE_PREFIX: 'Plangate',
  PLANGATE_FEDERATION__PREFIXED_TYPES: 'Person',
  PLANGATE_FEDERATION__OMITTED_ROOT_FIELDS: 'node, nodes, person, sources, viewer',
};

/** The SDL of Plangate as a subgraph, with these settings. */
export function subgraphSdl(settings = {}) {
  const [executable, ...options] = command.split(' ');
  const environment = { ...process.env, ...settings };
  return execFileSync(executable, [...options, 'schema', 'print', '--subgraph'], { env: environment }).toString();
}

/** The origin of a running demo, e.g. http://127.0.0.1:40123. `settings` are environment variables. */
export async function startDemo(settings = {}) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const [executable, ...options] = command.split(' ');
  const demo = spawn(executable, [...options, 'demo', '--port', String(port)], {
    cwd: repository,
    env: { ...process.env, ...settings },
  });
  let said = '';
  let ended;
  for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (text) => (said += text));
  demo.on('error', (error) => (ended = error.message));
  demo.on('exit', (code) => (ended ??= `it ended with ${code}`));
  running.push({ demo, hasEnded: () => ended !== undefined });

  const deadline = Date.now() + patience;
  while (Date.now() < deadline && ended === undefined) {
    const health = await fetch(`${origin}/health`).catch(() => undefined);
    if (health?.ok) return origin;
    await sleep(100);
  }
  const lastWords = said.trim().split('\n').slice(-5).join('\n');
  throw new Error(`\`${command} demo\` does not answer: ${ended ?? 'it took too long'}\n${lastWords}`);
}

/** The `data` of the answer to a query; errors are thrown. */
export async function ask(origin, query, variables) {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
