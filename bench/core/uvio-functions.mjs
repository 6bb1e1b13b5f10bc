// The operations of `plan.json` on uvio, tasks being async functions.
// Invariant: line by line the same programs as `uvio-generators.mjs` and `asyncio_core.py`. The loop runs
// tasks in order, so that awaiting the last of them awaits all.
import * as uvio from '../../dist/src/index.js';
import { callSoonBatch, callSoonChain } from './call-soon.mjs';

const { coroutine, createTask, Future, gather, getRunningLoop, Lock, Queue, sleep } = uvio;

const empty = coroutine(async () => {});

const giveWay = coroutine(async () => {
  await sleep(0);
});

function inTasks(tasks, body) {
  return gather(Array.from({ length: tasks }, () => createTask(body)));
}

async function passItems({ count, maxsize }) {
  const queue = new Queue(maxsize);
  const producer = createTask(async () => {
    for (let i = 0; i < count; i++) await queue.put(i);
  });
  for (let i = 0; i < count; i++) await queue.get();
  await producer;
}

export const functionBodies = {
  async callSoonBatch({ count }) {
    await callSoonBatch(count);
  },

  async callSoonChain({ count }) {
    await callSoonChain(count);
  },

  async taskBatch({ count }) {
    for (let i = 1; i < count; i++) createTask(empty());
    await createTask(empty());
  },

  async taskEach({ count }) {
    for (let i = 0; i < count; i++) await createTask(empty());
  },

  async awaitReady({ count }) {
    const future = new Future();
    future.setResult();
    for (let i = 0; i < count; i++) await future;
  },

  async awaitPending({ count }) {
    const loop = getRunningLoop();
    for (let i = 0; i < count; i++) {
      const future = new Future();
      loop.callSoon(() => future.setResult());
      await future;
    }
  },

  async step({ count, tasks }) {
    await inTasks(tasks, async () => {
      for (let i = 0; i < count / tasks; i++) await sleep(0);
    });
  },

  async gather({ count, tasks }) {
    for (let i = 0; i < count / tasks; i++) {
      await gather(Array.from({ length: tasks }, () => giveWay()));
    }
  },

  lock:
    Lock === undefined
      ? null
      : async ({ count, tasks }) => {
          const lock = new Lock();
          await inTasks(tasks, async () => {
            for (let i = 0; i < count / tasks; i++) {
              await lock.acquire();
              await sleep(0);
              lock.release();
            }
          });
        },

  queueOne: Queue === undefined ? null : passItems,
  queueMany: Queue === undefined ? null : passItems,
};
