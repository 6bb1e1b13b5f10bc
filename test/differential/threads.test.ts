/**
 * Calls from another thread against CPython: results, errors, cancellation, deadlines, order, closing.
 *
 * Each test is the twin of the function of that name in scenarios/threads.py. The other thread is a worker, which tells what
 * it has seen when it is over.
 */

import { once } from 'node:events';
import {
  currentTask,
  type EventLoop,
  getRunningLoop,
  type LoopRef,
  RuntimeError,
  sleep,
  type ThreadsafeFuture,
} from '../../src/index.js';
import { startWorker } from '../io/programs.js';
import { leavesNothingOpen } from '../support.js';
import { type Log, type Stage, theme } from './stage.js';

type Ask = (name: string, ...args: unknown[]) => ThreadsafeFuture;
type Body = (ask: Ask, tell: Ask, attempt: (what: string, call: () => unknown) => void) => void;

function expose(loop: EventLoop, log: Log): void {
  loop.expose({
    log: (...words: unknown[]) => log(...words),
    add: async (one: number, other: number) => {
      log('add', one, other);
      await sleep(0);
      return one + other;
    },
    fail: async (message: string) => {
      log('fail', message);
      throw new RuntimeError(message);
    },
    fails: () => {
      throw new RuntimeError('in a callback');
    },
    never: async () => {
      log('never begins');
      try {
        await getRunningLoop().createFuture();
      } finally {
        log('never ends');
      }
    },
    cancelItself: async () => {
      currentTask()?.cancel();
      await sleep(0);
    },
  });
}

/** Runs `body` in a worker that is attached to `ref`; logs what it has seen. */
async function beside(ref: LoopRef, log: Log, body: Body): Promise<void> {
  const worker = startWorker<{ ref: LoopRef; source: string }>(
    (uvio, { threads }, data) => {
      const seen: unknown[][] = [];
      const ask: Ask = (...call) => uvio.runCoroutineThreadsafe(data.ref, ...call);
      const tell = (...call: [string]) =>
        uvio.EventLoop.attach(data.ref).callSoonThreadsafe(...call);
      const attempt = (what: string, call: () => unknown) => {
        try {
          seen.push([what, call()]);
        } catch (error) {
          seen.push([what, `${(error as Error).constructor.name}(${(error as Error).message})`]);
        }
      };
      new Function('ask', 'tell', 'attempt', `(${data.source})(ask, tell, attempt)`)(
        ask,
        tell,
        attempt,
      );
      threads.parentPort?.postMessage(seen);
    },
    { ref, source: String(body) },
  );
  const exited = once(worker, 'exit');
  const [seen] = (await once(worker, 'message')) as [unknown[][]];
  await exited;
  for (const words of seen) log(...words);
}

describe('calls from another thread, as in asyncio', () => {
  leavesNothingOpen();
  const { same } = theme('threads');

  const sameBeside = (title: string, name: string, body: Body) =>
    same(title, name, ({ loop, log }: Stage) => {
      expose(loop, log);
      return beside(loop.ref, log, body);
    });

  sameBeside('give results, errors and cancellations', 'results', (ask, _tell, attempt) => {
    attempt('sum', () => ask('add', 1, 2).result(5000));
    attempt('error', () => ask('fail', 'why').result(5000));
    attempt('cancelled', () => ask('cancelItself').result(5000));
  });

  sameBeside('exception() waits as result() does', 'exceptions', (ask, _tell, attempt) => {
    const failing = ask('fail', 'what');
    attempt('exception', () => (failing.exception(5000) as Error).constructor.name);
    attempt('result', () => failing.result(5000));
    attempt('done', () => failing.done());
    const adding = ask('add', 3, 4);
    attempt('exception', () => adding.exception(5000));
    attempt('result', () => adding.result());
  });

  sameBeside(
    'a deadline leaves the task, a cancellation ends it',
    'timeouts',
    (ask, _, attempt) => {
      const future = ask('never');
      ask('add', 0, 0).result(5000);
      attempt('result', () => future.result(10));
      attempt('done', () => future.done());
      attempt('cancel', () => future.cancel());
      attempt('cancelled', () => future.cancelled());
      attempt('result', () => future.result(1000));
      ask('add', 0, 1).result(5000);
    },
  );

  sameBeside('what is done cannot be cancelled', 'cancel_done', (ask, _tell, attempt) => {
    const future = ask('add', 1, 1);
    attempt('result', () => future.result(5000));
    attempt('cancel', () => future.cancel());
    attempt('cancelled', () => future.cancelled());
  });

  sameBeside('run in the order in which they were made', 'order', (ask, tell) => {
    for (let number = 0; number < 5; number++) tell('log', 'call', number);
    ask('add', 5, 0).result(5000);
    tell('log', 'call', 6);
    ask('add', 7, 0).result(5000);
  });

  sameBeside(
    'what a callback throws goes to the exception handler',
    'failing_call',
    (ask, tell) => {
      tell('fails');
      ask('add', 1, 1).result(5000);
    },
  );

  same('a closed loop takes none', 'closed', ({ loop, log }) => {
    const { ref } = loop;
    loop.close();
    return beside(ref, log, (ask, tell, attempt) => {
      attempt('call', () => tell('log'));
      attempt('task', () => ask('add', 1, 2));
    });
  });

  same('callSoonThreadsafe() in the own thread is callSoon()', 'own_thread', async (stage) => {
    const { loop, log } = stage;
    loop.callSoon(log, 'soon');
    loop.callSoonThreadsafe(log, 'threadsafe');
    loop.callSoon(log, 'soon again');
    loop.callSoonThreadsafe(log, 'cancelled').cancel();
    await loop.runUntilComplete(() => sleep(0));
    loop.close();
    try {
      loop.callSoonThreadsafe(log);
    } catch (error) {
      log(error);
    }
  });
});
