/**
 * ProcessWrap and makePipe as the native side has them: events, answers, and plans that are none.
 *
 * Guards: what TypeScript would never send is answered by a code and starts nothing; pipes that nobody opens are closed;
 * a wrap works once, and forgets nobody.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { native } from '../../src/binding/addon.js';
import type { ProcessPlan } from '../../src/binding/process_contract.js';
import { newEventLoop } from '../../src/index.js';
import { makePipe } from '../../src/io/descriptors.js';
import { children, startsPrograms, until } from '../io/process_peers.js';
import { leavesNothingOpen } from '../support.js';

const text = (...strings: string[]) => Buffer.from(strings.map((one) => `${one}\0`).join(''));

const plan = (more: Record<string, unknown> = {}): ProcessPlan => ({
  program: text('true'),
  args: text('true'),
  env: undefined,
  cwd: undefined,
  stdio: Int32Array.of(0, 3, 0, 0, 1, 3, 0, 0, 2, 3, 0, 0),
  files: Buffer.alloc(0),
  flags: 0,
  processGroup: undefined,
  umask: undefined,
  nice: undefined,
  parentDeathSignal: undefined,
  uid: undefined,
  gid: undefined,
  groups: undefined,
  cpuAffinity: undefined,
  rlimits: undefined,
  ...more,
});

/** A wrap on a loop of its own, which is closed after the last event of `body`'s start. */
async function play(given: unknown, onStarted = (_wrap: Wrap) => {}) {
  const loop = newEventLoop();
  const events: number[][] = [];
  const owner = {
    onEvent(kind: number, value: number) {
      events.push([kind, value]);
      if (kind === 0) onStarted(wrap);
    },
  };
  const wrap = new native.ProcessWrap(loop._reactor.wrap, owner);
  const code = wrap.start(given as ProcessPlan);
  if (code === 0) await until(() => events.some(([kind]) => kind !== 0), 'the last event');
  const result = { code, events, again: wrap.start(plan()), kill: wrap.kill(9), wrap };
  wrap.close();
  wrap.close();
  loop.close();
  return result;
}

type Wrap = InstanceType<typeof native.ProcessWrap>;

const EBADF = -9;
const EINVAL = -22;
const ESRCH = -3;

describe('the native process', () => {
  startsPrograms();
  leavesNothingOpen();

  it('tells of its start and its exit, and starts once', async () => {
    const { code, events, again, kill, wrap } = await play(plan());
    equal(code, 0);
    const pid = events[0]?.[1] as number;
    deepEqual(events, [
      [0, pid],
      [2, 0],
    ]);
    ok(pid > 1);
    deepEqual([again, kill, wrap.coreDumped()], [EBADF, ESRCH, false]);
    equal(wrap.usage().length, 3);
  });

  it('tells of a failure with the step, and of nothing else', async () => {
    const missing = await play(plan({ program: text('/no/such') }));
    deepEqual([missing.events, missing.wrap.failedStep()], [[[1, -2]], 0]);
    const stdio = Int32Array.of(0, 3, 0, 0, 5, 4, 0, 0);
    const file = await play(plan({ stdio, files: text('/no/such') }));
    deepEqual(file.events, [[1, -2]]);
    deepEqual([file.wrap.failedStep(), file.wrap.failedDescriptor()], [1, 5]);
    const same = await play(plan({ stdio: Int32Array.of(2, 8, 1, 0) }));
    deepEqual(same.events, [[1, EINVAL]]);
  });

  it('answers what is no plan', async () => {
    const none = [undefined, null, 1, 'x', [], {}, () => {}, Symbol('x'), new Int32Array(9)];
    for (const value of none) equal((await play(value)).code, EINVAL);
    const wrong: Record<string, unknown>[] = [
      { program: undefined },
      { program: 'true' },
      { program: Buffer.alloc(0) },
      { program: Buffer.from('true') },
      { program: text('') },
      { args: undefined },
      { args: Buffer.alloc(0) },
      { env: 'A=B' },
      { env: Buffer.from('A=B') },
      { cwd: 5 },
      { flags: 'x' },
      { uid: 'x' },
      { umask: {} },
      { groups: [1] },
      { cpuAffinity: Uint32Array.of(2 ** 31) },
      { files: undefined },
      { stdio: Int32Array.of(-1, 3, 0, 0) },
      { stdio: Int32Array.of(0, 9, 0, 0) },
      { stdio: Int32Array.of(0, -1, 0, 0) },
      { stdio: Int32Array.of(2 ** 31 - 1, 3, 0, 0) },
      { stdio: Int32Array.of(0, 4, 0, 0) },
    ];
    for (const more of wrong) {
      const { code, events } = await play(plan(more));
      deepEqual([code, events], [EINVAL, []], Object.keys(more)[0]);
    }
    equal((await play(plan({ stdio: Int32Array.of(0, 1, 6000, 0) }))).code, EBADF);
    // A plan that is none leaves the wrap free to start the next, which its closing ends.
    await until(() => children().length === 0, 'the ends of all children');
  });

  it('opens each pipe once, in a PipeWrap, and closes the others', async () => {
    const answers: number[] = [];
    const loop = newEventLoop();
    const stdio = Int32Array.of(0, 5, 0, 0, 1, 6, 0, 0, 2, 6, 0, 0);
    await play(plan({ stdio }), (wrap) => {
      const pipe = new native.PipeWrap(loop._reactor.wrap, {} as never);
      answers.push(wrap.openPipe(1, {} as never), wrap.openPipe(7, pipe));
      answers.push(wrap.openPipe(1, pipe), wrap.openPipe(1, pipe));
      pipe.close();
    });
    loop.close();
    deepEqual(answers, [EINVAL, EBADF, 0, EBADF]);
  });

  it('of a loop that is closed before its start answers', () => {
    const loop = newEventLoop();
    const wrap = new native.ProcessWrap(loop._reactor.wrap, { onEvent() {} });
    loop.close();
    equal(wrap.start(plan()), EBADF);
    wrap.abandon();
    wrap.close();
  });
});

describe('makePipe()', () => {
  leavesNothingOpen();

  it('gives two ends of one pipe', () => {
    const { reading, writing } = makePipe();
    ok(fstatSync(reading).isFIFO());
    writeSync(writing, 'hello');
    const memory = Buffer.alloc(10);
    equal(memory.toString('latin1', 0, readSync(reading, memory)), 'hello');
    closeSync(writing);
    equal(readSync(reading, memory), 0);
    closeSync(reading);
  });
});
