/**
 * The signals of serve(), sent to processes that serve: SIGTERM and SIGINT drain, SIGHUP reloads.
 *
 * Guards: a process ends after its connections have, by itself or of the signal as run() does it; the second signal does
 * not wait; nothing of a reload is lost.
 */

import { deepEqual, equal, match, notEqual } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { leavesNothingOpen } from '../support.js';
import { Client, closeClients, PROGRAM } from './serve_support.js';

const index = new URL('../../src/index.js', import.meta.url);

const serving = `
  const supervisor = await serve(new URL('${PROGRAM}'), { workers: 2, host: '127.0.0.1' });
  console.log(supervisor.addresses[0].port);
`;
const bare = `${serving} await supervisor.waitClosed(); console.log('closed');`;
const inRun = `
  await run(async () => {
    ${serving}
    await supervisor.serveForever();
  }).catch((error) => { console.log(error.name); });
`;

describe('the signals of serve', () => {
  const file = join(tmpdir(), `serve-signals-${process.pid}.mjs`);
  after(() => rmSync(file, { force: true }));
  leavesNothingOpen();
  let child: ChildProcess;
  let lines: AsyncIterator<string>;
  let port: number;

  async function start(program: string): Promise<void> {
    const source = `import { run, serve } from '${index}'; ${program}`;
    writeFileSync(file, source);
    child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    lines = createInterface(child.stdout as NonNullable<typeof child.stdout>)[
      Symbol.asyncIterator
    ]();
    port = Number((await lines.next()).value);
  }

  async function ending(): Promise<unknown[]> {
    const [code, signal] = await once(child, 'close');
    const last = (await lines.next()).value;
    return [last, code, signal];
  }

  afterEach(() => {
    closeClients();
    child.kill('SIGKILL');
  });

  for (const [title, program, signal, end] of [
    ['SIGTERM', bare, 'SIGTERM', ['closed', 0, null]],
    ['SIGINT', bare, 'SIGINT', ['closed', 0, null]],
    ['SIGTERM inside run()', inRun, 'SIGTERM', [undefined, null, 'SIGTERM']],
    ['SIGINT inside run()', inRun, 'SIGINT', ['KeyboardInterrupt', 0, null]],
  ] as const) {
    it(`drain on ${title}`, async () => {
      await start(program);
      const client = await Client.connect(port);
      await client.line();
      child.kill(signal);
      while ((await client.ask('draining?')) !== 'true');
      equal(await client.ask('still there'), 'still there');
      const ended = ending();
      client.close();
      deepEqual(await ended, end);
    });
  }

  for (const [title, program] of [
    ['alone', bare],
    ['inside run()', inRun],
  ] as const) {
    it(`end the process at the second SIGTERM, ${title}`, async () => {
      await start(program);
      const client = await Client.connect(port);
      await client.line();
      child.kill('SIGTERM');
      while ((await client.ask('draining?')) !== 'true');
      const ended = ending();
      child.kill('SIGTERM');
      deepEqual(await ended, [undefined, null, 'SIGTERM']);
      equal(await client.line(), undefined);
    });
  }

  it('reload on SIGHUP', async () => {
    await start(bare);
    const old = await Client.connect(port);
    const first = await old.line();
    child.kill('SIGHUP');
    while ((await old.ask('draining?')) !== 'true');
    const other = await Client.connect(port);
    const second = await other.line();
    match(String(second), /^[01] \d+$/);
    notEqual(second, first);
    old.close();
    other.close();
    const ended = ending();
    child.kill('SIGTERM');
    deepEqual(await ended, ['closed', 0, null]);
  });
});
