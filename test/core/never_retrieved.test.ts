/**
 * Errors that nobody looked at are reported when the collector takes the future, and only those.
 *
 * The collector is asked to run (--expose-gc); finalizers run in turns of Node's loop, of which a
 * bounded number is awaited.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type EventLoop, type ExceptionContext, newEventLoop } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

const TURNS = 50;

describe('errors that were never retrieved', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let reports: ExceptionContext[];
  beforeEach(() => {
    loop = newEventLoop();
    reports = [];
    loop.setExceptionHandler((_loop, context) => reports.push(context));
  });
  afterEach(() => loop.close());

  async function collect(): Promise<void> {
    const collecting = globalThis.gc;
    ok(collecting !== undefined, 'run mocha with --expose-gc');
    for (let turn = 0; turn < TURNS && reports.length === 0; turn++) {
      await nextTurn();
      collecting();
    }
  }

  it('a failed future is reported when it is collected', async () => {
    (() => loop.createFuture().setException(new RangeError('lost')))();
    await collect();
    equal(reports.length, 1);
    equal(reports[0]?.message, 'Future exception was never retrieved');
    equal((reports[0]?.exception as Error | undefined)?.message, 'lost');
    equal(reports[0]?.future, "<Future finished exception=RangeError('lost')>");
  });

  it('a failed task is reported when it is collected', async () => {
    (() => {
      loop.createTask(async () => {
        throw new RangeError('lost');
      });
    })();
    await nextTurn();
    await collect();
    equal(reports[0]?.message, 'Task exception was never retrieved');
    equal((reports[0]?.exception as Error | undefined)?.message, 'lost');
  });

  it('an error that was looked at is not reported', async () => {
    await (async () => {
      const asked = loop.createFuture();
      asked.setException(new Error('asked'));
      asked.exception();
      const awaited = loop.createFuture();
      awaited.setException(new Error('awaited'));
      await awaited.catch(() => {});
      const cancelled = loop.createFuture();
      cancelled.setException(new Error('cancelled'));
      cancelled.cancel();
    })();
    await collect();
    deepEqual(reports, []);
  });

  it('a future that is cancelled or pending is not reported', async () => {
    (() => {
      loop.createFuture().cancel();
      loop.createFuture();
    })();
    await collect();
    deepEqual(reports, []);
  });

  it('a chain reports its end only', async () => {
    await (async () => {
      const first = loop.createFuture();
      const end = first.then(() => {}).then(() => {});
      first.setException(new Error('chain'));
      for (let turn = 0; turn < 10 && !end.done(); turn++) await nextTurn();
    })();
    await collect();
    equal(reports.length, 1);
  });

  it('what nobody has looked at is reported when the loop closes, once', async () => {
    const own = newEventLoop();
    const heard: unknown[] = [];
    own.setExceptionHandler((_loop, context) => heard.push(context.message));
    const lost = own.createFuture();
    const seen = own.createFuture();
    lost.setException(new Error('lost'));
    seen.setException(new Error('seen'));
    seen.exception();
    own.close();
    deepEqual(heard, ['Future exception was never retrieved']);
    lost.exception();
    own.close();
    equal(heard.length, 1);
  });

  it('in debug mode what nobody holds is reported soon, without anybody asking the collector', async () => {
    loop.setDebug({ neverRetrieved: true });
    const held = loop.createFuture();
    held.setException(new Error('held'));
    (() => loop.createFuture().setException(new RangeError('lost')))();
    const started = performance.now();
    while (reports.length === 0 && performance.now() - started < 10_000) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    deepEqual(
      reports.map(({ exception }) => String(exception)),
      ['RangeError: lost'],
    );
    held.exception();
  });

  it("the default handler logs asyncio's text", () => {
    const lines: string[] = [];
    loop.defaultExceptionHandler = (context) => lines.push(context.message);
    loop.setExceptionHandler(null);
    loop.callExceptionHandler({ message: 'text', exception: new Error('x') });
    deepEqual(lines, ['text']);
  });
});
