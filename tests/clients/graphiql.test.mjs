// GraphiQL at /graphql, driven in a real browser as a person would: read the docs, type a query, run it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { startDemo } from './demo.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
]; // prettier-ignore
const QUERY = `{
  store: plans(sources: ["store"], first: 1) { nodes { source } }
  live: plans(sources: ["planning_center"], first: 1) { nodes { source } }
}`;

let browser, page, served;
const complaints = [];

before(async () => {
  const origin = await startDemo();
  browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.route((url) => url.origin !== origin, serveFromPackages);
  served = await page.goto(`${origin}/graphql`);
});

after(() => browser?.close());

test('the page is served', async () => {
  assert.equal(served.status(), 200);
  assert.match(served.headers()['content-type'], /^text\/html; charset=utf-8$/i);
  assert.match(await page.title(), /GraphiQL/);
});

test('the docs show the schema', async () => {
  await page.getByLabel('Show Documentation Explorer').click();
  const docs = page.locator('.graphiql-doc-explorer');
  await docs.getByRole('link', { name: 'Query', exact: true }).click();
  await docs.getByRole('link', { name: 'plans', exact: true }).waitFor();
});

test('a typed query is answered from both systems', async () => {
  await page.locator('.graphiql-query-editor .CodeMirror').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(QUERY);
  await page.keyboard.press('Control+Enter');
  const result = page.locator('.graphiql-response');
  await result.getByText('"data"').waitFor();
  const lines = await result.locator('.CodeMirror-line').allInnerTexts();
  const text = lines.join('').replace(/[^!-~]/g, ''); // the editor's fold markers and kinds of space
  assert.deepEqual(JSON.parse(text), {
    data: { store: { nodes: [{ source: 'store' }] }, live: { nodes: [{ source: 'planning_center' }] } },
  });
});

test('the browser had nothing to complain about', () => assert.deepEqual(complaints, []));

/** Answers the page's CDN from node_modules; the page's integrity hashes prove that the files are the same. */
async function serveFromPackages(route) {
  const url = route.request().url();
  const [, name, version, path] = /^https:\/\/unpkg\.com\/((?:@[^/]+\/)?[^@/]+)@([^/]+)\/(.+)$/.exec(url) ?? [];
  const folder = fileURLToPath(new URL(`node_modules/${name}/`, import.meta.url));
  const installed = name && existsSync(folder) && JSON.parse(readFileSync(`${folder}package.json`)).version;
  if (!installed || installed !== version) {
    complaints.push(`${url} is not in package.json${installed ? `, which has ${installed}` : ''}`);
    return route.abort();
  }
  return route.fulfill({ path: folder + path, headers: { 'access-control-allow-origin': '*' } });
}
