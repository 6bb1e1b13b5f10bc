/**
 * A program with one fault after another: uvio has to say of it in debug mode what `python3 -X dev` says.
 *
 * The twin of faulty.py, line by line. CPython counts references, so that where it tells at once this program waits
 * until the collector has told. Run by debugging.test.ts.
 */

import { once } from 'node:events';
import {
  coroutine,
  createTask,
  Future,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from '../../../src/index.js';

function say(what: unknown): void {
  process.stderr.write(`${what}\n`);
}

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

function slow(): void {
  block(500);
}

function boom(): void {
  throw new Error('boom');
}

function late(): void {
  block(500);
}

const work = coroutine(async function work() {});

async function bug(): Promise<void> {
  throw new Error('not consumed');
}

async function blocking(): Promise<void> {
  await sleep(1);
  block(500);
}

async function hang(): Promise<void> {
  await new Future();
}

/** The collector has found what `drop` dropped, and the handler has been told. */
async function reported(drop: () => void): Promise<void> {
  const loop = getRunningLoop();
  const told = loop.createFuture<void>();
  loop.setExceptionHandler((_loop, context) => {
    loop.defaultExceptionHandler(context);
    told.setResult();
  });
  drop();
  await told;
  loop.setExceptionHandler(null);
}

async function main(): Promise<void> {
  const loop = getRunningLoop();
  // What is waited for below keeps no process alive.
  const hold = loop.callLater(60_000, () => {});
  loop.slowCallbackDuration = 400; // a collection takes its time, too
  loop.callSoon(slow);
  await sleep(1);
  loop.callLater(1, late);
  await sleep(20);
  loop.callSoon(boom);
  await sleep(1);
  await createTask(blocking, { name: 'blocking' });
  const warned = once(process, 'warning');
  (() => void work())();
  await warned;
  await reported(() => void createTask(bug, { name: 'bug' }));
  await reported(() => loop.createFuture().setException(new Error('nobody')));
  const other = newEventLoop();
  try {
    await other.createFuture();
  } catch (error) {
    say((error as Error).message);
  }
  other.close();
  loop.callExceptionHandler({ message: 'by hand' });
  hold.cancel();
}

await run(main);

const loop = newEventLoop();
const task = loop.createTask(hang, { name: 'hang' });
loop.callSoon(() => loop.stop());
await loop.runForever();
loop.close();
void task;
