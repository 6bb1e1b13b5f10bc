/**
 * The switches of debug mode: each by itself, all at once, and from the environment.
 */

import { deepEqual, equal, throws } from 'node:assert/strict';
import { type DebugOptions, type EventLoop, newEventLoop } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { errorsOf, mainErrors } from './debug_programs.js';

describe('debug mode', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  beforeEach(() => {
    loop = newEventLoop();
  });
  afterEach(() => loop.close());

  it('is on or off as a whole, and off by default', () => {
    deepEqual([loop.getDebug(), loop._debug], [false, null]);
    loop.setDebug(true);
    equal(loop.getDebug(), true);
    equal(Object.values(loop._debug ?? {}).every(Boolean), true);
    loop.setDebug(false);
    deepEqual([loop.getDebug(), loop._debug], [false, null]);
  });

  it('checks one thing alone, and is then not on as a whole', () => {
    const names = [
      'slowCallbacks',
      'slowIo',
      'creationStacks',
      'neverAwaited',
      'neverRetrieved',
      'unclosed',
      'lifeMessages',
      'watchdog',
      'inspect',
    ] as const;
    for (const name of names) {
      loop.setDebug({ [name]: true });
      const on = names.filter((one) => loop._debug?.[one]);
      deepEqual([on, loop.getDebug()], [[name], false]);
      loop.setDebug({ [name]: false });
      equal(loop._debug, null);
    }
  });

  it('refuses what is no switch', () => {
    const wrong = (options: unknown) => () => loop.setDebug(options as DebugOptions);
    throws(wrong(undefined), /enabled must be a boolean or an object of switches/);
    throws(wrong(null), /enabled must be/);
    throws(wrong({ slow: true }), /switches of slowCallbacks, .* got { slow: true }/);
    throws(wrong({ unclosed: 1 }), /unclosed must be a boolean/);
    throws(wrong({ slowCallbacks: -1 }), { name: 'RangeError' });
    throws(wrong({ slowCallbacks: 'x' }), { name: 'TypeError' });
    throws(wrong({ watchdog: 0 }), { name: 'RangeError', message: /^watchdog must be from 1 to/ });
    throws(wrong({ watchdog: '50' }), { name: 'TypeError' });
    throws(wrong({ inspect: 1 }), { name: 'TypeError' });
    equal(loop._debug, null);
  });

  it('has a threshold that can be changed, and is checked', () => {
    equal(loop.slowCallbackDuration, 100);
    loop.setDebug({ slowCallbacks: 2.5 });
    equal(loop.slowCallbackDuration, 2.5);
    loop.slowCallbackDuration = Number.POSITIVE_INFINITY;
    for (const wrong of [-1, Number.NaN, '5']) {
      throws(() => {
        loop.slowCallbackDuration = wrong as number;
      }, /slowCallbackDuration must be/);
    }
    equal(loop.slowCallbackDuration, Number.POSITIVE_INFINITY);
  });

  it('comes from the environment, for loops that nobody runs too', async () => {
    const program = 'process.stderr.write(String(uvio.newEventLoop().getDebug())); process.exit()';
    const debugOf = (env: NodeJS.ProcessEnv) => errorsOf(program, { env });
    equal(await debugOf({}), 'false');
    equal(await debugOf({ UVIO_DEBUG: '1' }), 'true');
    equal(await debugOf({ PYTHONASYNCIODEBUG: '1' }), 'true');
    equal(await debugOf({ UVIO_DEBUG: '', PYTHONASYNCIODEBUG: '1' }), 'false');
  });

  it('says nothing of a program without a fault', async () => {
    const errors = await mainErrors(
      `loop.slowCallbackDuration = Infinity; // a busy machine is no fault
       const work = coroutine(async () => 1);
       const steps = coroutine(function* () { return yield* sleep(1, 2); });
       await work();
       await Promise.all([createTask(work()), createTask(steps())]);
       createTask(work()).cancel();
       const failing = createTask(async () => { throw new Error('seen'); });
       await failing.catch(() => {});
       await uvio.timeout(60_000, async () => await sleep(1));
       await uvio.taskGroup(async (group) => void group.createTask(steps()));
       const later = work();
       await sleep(300); // long enough to be let go
       await later;
       const server = await loop.createServer(() => new uvio.Protocol(), '127.0.0.1', 0);
       const { port } = server.sockets[0].getsockname();
       const [transport] = await loop.createConnection(() => new uvio.Protocol(), '127.0.0.1', port);
       transport.close();
       server.close();
       await server.waitClosed();
       await sleep(600); // the collector has run
       gc();
       await new Promise(setImmediate);`,
      { flags: ['--expose-gc'] },
    );
    equal(errors.replace(/^<Server .*> is serving\n/, ''), '');
  });
});
