/**
 * Queue.shutdown() against the CPython that has it: who is let go, what can still be taken.
 *
 * The traces are those of CPython 3.14 (since 3.13); test_… are scenarios of
 * Lib/test/test_asyncio/test_queues.py, class _QueueShutdownTestMixin.
 */

import { Queue } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { kind, type Stage } from './stage.js';
import { type Crew, newerScene, turns } from './workers.js';

describe('Queue.shutdown(), as in asyncio', () => {
  leavesNothingOpen();

  const attempt = ({ log }: Stage, what: string, call: () => unknown) => {
    try {
      log(what, call());
    } catch (error) {
      log(what, kind(error));
    }
  };

  /** Nothing goes in or out any more. */
  const refused = async (stage: Stage, { start }: Crew, queue: Queue) => {
    start('puts', () => queue.put('data'));
    start('gets', () => queue.get());
    await turns();
    attempt(stage, 'put', () => queue.putNowait('data'));
    attempt(stage, 'get', () => queue.getNowait());
  };
  const REFUSED = [
    'puts QueueShutDown',
    'gets QueueShutDown',
    'put QueueShutDown',
    'get QueueShutDown',
  ];

  newerScene(
    'test_shutdown_empty: who waits for an item is let go',
    ['<Queue maxsize=0 shutdown>', 'get QueueShutDown', ...REFUSED],
    async (stage, crew) => {
      const queue = new Queue();
      crew.start('get', () => queue.get());
      await turns();
      queue.shutdown();
      stage.log(String(queue));
      await queue.join();
      await turns();
      await refused(stage, crew, queue);
    },
  );

  newerScene(
    'test_shutdown_nonempty: what is there can be taken, and has to be done',
    [
      "<Queue maxsize=1 _queue=['data'] _putters[1] tasks=1>",
      "<Queue maxsize=1 _queue=['data'] tasks=1 shutdown>",
      'put QueueShutDown',
      'main data',
      ...REFUSED,
      'join 0',
      'task_done RangeError',
    ],
    async (stage, crew) => {
      const queue = new Queue<unknown>(1);
      queue.putNowait('data');
      crew.start('join', () => queue.join());
      crew.start('put', () => queue.put('data2'));
      await turns();
      stage.log(String(queue));
      queue.shutdown();
      stage.log(String(queue));
      await turns();
      stage.log('main', await queue.get());
      await turns();
      await refused(stage, crew, queue);
      queue.taskDone();
      await turns();
      attempt(stage, 'task_done', () => queue.taskDone());
    },
  );

  newerScene(
    'test_shutdown_immediate: what is there is dropped, and counts as done',
    ['<Queue maxsize=0 shutdown>', 'join 0', ...REFUSED, 'task_done RangeError'],
    async (stage, crew) => {
      const queue = new Queue<unknown>();
      queue.putNowait('data');
      crew.start('join', () => queue.join());
      await turns();
      queue.shutdown(true);
      stage.log(String(queue));
      await turns();
      await refused(stage, crew, queue);
      attempt(stage, 'task_done', () => queue.taskDone());
    },
  );

  newerScene(
    'test_shutdown_immediate_with_unfinished: what was taken before has to be done',
    [
      'main data',
      '<Queue maxsize=0 tasks=1 shutdown>',
      ...REFUSED,
      'task_done RangeError',
      'join 0',
    ],
    async (stage, crew) => {
      const queue = new Queue<unknown>();
      queue.putNowait('data');
      queue.putNowait('data');
      crew.start('join', () => queue.join());
      await turns();
      stage.log('main', await queue.get());
      queue.shutdown(true);
      stage.log(String(queue));
      await turns();
      await refused(stage, crew, queue);
      queue.taskDone();
      attempt(stage, 'task_done', () => queue.taskDone());
      await turns();
    },
  );

  newerScene(
    'one of those who wait gets the last item, the others are let go',
    [
      '<Queue maxsize=1 _queue=[1] tasks=1 shutdown>',
      'a 0 1',
      'b QueueShutDown',
      'c QueueShutDown',
      '<Queue maxsize=1 tasks=1 shutdown>',
    ],
    async ({ log }, { start }) => {
      const queue = new Queue<number>(1);
      for (const name of 'abc') start(name, () => queue.get());
      await turns();
      queue.putNowait(1);
      queue.shutdown();
      log(String(queue));
      await turns();
      log(String(queue));
    },
  );

  newerScene(
    'one who was woken to put does not put any more',
    [
      '0 <Queue maxsize=1 _putters[2] tasks=1>',
      'a QueueShutDown',
      'b QueueShutDown',
      'c QueueShutDown',
      '<Queue maxsize=1 tasks=1 shutdown>',
    ],
    async ({ log }, { start }) => {
      const queue = new Queue<unknown>(1);
      queue.putNowait(0);
      for (const name of 'abc') start(name, () => queue.put(name));
      await turns();
      log(queue.getNowait(), String(queue));
      queue.shutdown();
      await turns();
      log(String(queue));
    },
  );

  newerScene('shutting down twice', ['<Queue maxsize=0 shutdown>'], async ({ log }) => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    queue.shutdown();
    queue.shutdown(true);
    queue.shutdown();
    log(String(queue));
  });
});
