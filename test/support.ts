/**
 * What every suite ends with: proof that it left nothing open.
 *
 * `leavesNothingOpen()` is called inside a describe. It counts the thread's native loops, the handles
 * and requests that Node knows, and the descriptors of the process, before the suite and after it. It
 * closes nothing, but sends the observer away that waits a second for another loop. That thread, and closing, may take
 * some turns of Node's loop, and on a busy machine more than a second: it waits for a bounded time.
 */

import { deepEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { native } from '../src/binding/addon.js';
import { observer } from '../src/inspect/observer.js';

const DESCRIPTORS = '/proc/self/fd';
// Under wine it is there, but of the system below.
const hasDescriptors = process.platform !== 'win32' && existsSync(DESCRIPTORS);
const PATIENCE = 20_000; // ms, below mocha's

/** Whether a thread polls the loop, and not Node's: there the time is known to the millisecond. */
export const polled = process.env.UVIO_POLLED !== undefined || process.platform !== 'linux';

interface Census {
  loops: number;
  resources: Record<string, number>;
  descriptors: number;
}

// Immediates are how we wait; the timeouts are mocha's (uvio has none of Node's).
const OURS = new Set(['Immediate', 'Timeout']);

/** What is open now. */
export function census(): Census {
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo().sort()) {
    if (!OURS.has(name)) resources[name] = (resources[name] ?? 0) + 1;
  }
  const descriptors = hasDescriptors ? readdirSync(DESCRIPTORS).length : 0;
  return { loops: native.openLoops(), resources, descriptors };
}

function isSame(left: Census, right: Census): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** Fails unless as much is open as `before`, and no loop at all. */
export async function assertNothingLeft(before: Census): Promise<void> {
  const expected = { ...before, loops: 0 };
  let found = census();
  const deadline = performance.now() + PATIENCE;
  while (!isSame(found, expected) && performance.now() < deadline) {
    await nextTurn();
    found = census();
  }
  deepEqual(found, expected);
}

/** The environment for programs other than Node: the sanitizers' libraries make curl and PostgreSQL hang. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _, ...env } = process.env;
  return env;
}

/** Registers hooks that compare what is open before and after the suite. */
export function leavesNothingOpen(): void {
  let first: Census;
  before(async () => {
    // The first stream of a libuv loop opens a descriptor that stays, and mocha gives an asynchronous
    // hook a timer, as it does the one below.
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    // The handle itself goes behind the immediates of a turn.
    await nextTurn();
    await nextTurn();
    first = census();
  });
  after(() => {
    observer.dismiss();
    return assertNothingLeft(first);
  });
}
