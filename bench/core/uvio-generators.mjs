// The operations of `plan.json` on uvio, tasks being generators.
// Invariant: line by line the same programs as `uvio-functions.mjs` and `asyncio_core.py`. The loop runs
// tasks in order, so that awaiting the last of them awaits all.
import * as uvio from '../../dist/src/index.js';
import { callSoonBatch, callSoonChain } from './call-soon.mjs';

const { coroutine, createTask, Future, gather, getRunningLoop, Lock, Queue } = uvio;

const empty = coroutine(function* () {});

const giveWay = coroutine(function* () {
  yield;
});

function inTasks(tasks, body) {
  return gather(Array.from({ length: tasks }, () => createTask(body)));
}

function* passItems({ count, maxsize }) {
  const queue = new Queue(maxsize);
  const producer = createTask(function* () {
    for (let i = 0; i < count; i++) yield* queue.put(i);
  });
  for (let i = 0; i < count; i++) yield* queue.get();
  yield* producer;
}

export const generatorBodies = {
  *callSoonBatch({ count }) {
    yield* callSoonBatch(count);
  },

  *callSoonChain({ count }) {
    yield* callSoonChain(count);
  },

  *taskBatch({ count }) {
    for (let i = 1; i < count; i++) createTask(empty());
    yield* createTask(empty());
  },

  *taskEach({ count }) {
    for (let i = 0; i < count; i++) yield* createTask(empty());
  },

  *awaitReady({ count }) {
    const future = new Future();
    future.setResult();
    for (let i = 0; i < count; i++) yield* future;
  },

  *awaitPending({ count }) {
    const loop = getRunningLoop();
    for (let i = 0; i < count; i++) {
      const future = new Future();
      loop.callSoon(() => future.setResult());
      yield* future;
    }
  },

  *step({ count, tasks }) {
    yield* inTasks(tasks, function* () {
      for (let i = 0; i < count / tasks; i++) yield;
    });
  },

  *gather({ count, tasks }) {
    for (let i = 0; i < count / tasks; i++) {
      yield* gather(Array.from({ length: tasks }, () => giveWay()));
    }
  },

  lock:
    Lock === undefined
      ? null
      : function* ({ count, tasks }) {
          const lock = new Lock();
          yield* inTasks(tasks, function* () {
            for (let i = 0; i < count / tasks; i++) {
              yield* lock.acquire();
              yield;
              lock.release();
            }
          });
        },

  queueOne: Queue === undefined ? null : passItems,
  queueMany: Queue === undefined ? null : passItems,
};
