// The operations of `plan.json` with nothing but promises: what Node itself costs, without a loop of its
// own, cancellation or order between tasks. Prints one line, {operation: nanoseconds}.
// Invariant: no timer, queueMicrotask or setImmediate; what a callback is to asyncio is a reaction here.
import { Mutex, PromiseQueue } from './promise-sync.mjs';
import { timeOperations } from './timing.mjs';

const ready = Promise.resolve();
const empty = async () => {};

const giveWay = async () => {
  await undefined;
};

const inTasks = (tasks, body) => Promise.all(Array.from({ length: tasks }, body));

async function passItems({ count, maxsize }) {
  const queue = new PromiseQueue(maxsize);
  const produce = async () => {
    for (let i = 0; i < count; i++) await queue.put(i);
  };
  const producer = produce();
  for (let i = 0; i < count; i++) await queue.get();
  await producer;
}

const bodies = {
  callSoonBatch({ count }) {
    return new Promise((resolve) => {
      let left = count;
      const callback = () => {
        if (--left === 0) resolve();
      };
      for (let i = 0; i < count; i++) ready.then(callback);
    });
  },

  callSoonChain({ count }) {
    return new Promise((resolve) => {
      let left = count;
      const callback = () => {
        if (--left === 0) resolve();
        else ready.then(callback);
      };
      ready.then(callback);
    });
  },

  async taskBatch({ count }) {
    for (let i = 1; i < count; i++) ready.then(empty);
    await ready.then(empty);
  },

  async taskEach({ count }) {
    for (let i = 0; i < count; i++) await ready.then(empty);
  },

  async awaitReady({ count }) {
    for (let i = 0; i < count; i++) await ready;
  },

  async awaitPending({ count }) {
    for (let i = 0; i < count; i++) {
      await new Promise((resolve) => {
        ready.then(resolve);
      });
    }
  },

  async step({ count, tasks }) {
    await inTasks(tasks, async () => {
      for (let i = 0; i < count / tasks; i++) await undefined;
    });
  },

  async gather({ count, tasks }) {
    for (let i = 0; i < count / tasks; i++) {
      await Promise.all(Array.from({ length: tasks }, giveWay));
    }
  },

  async lock({ count, tasks }) {
    const mutex = new Mutex();
    await inTasks(tasks, async () => {
      for (let i = 0; i < count / tasks; i++) {
        const release = await mutex.acquire();
        await undefined;
        release();
      }
    });
  },

  queueOne: passItems,
  queueMany: passItems,
};

console.log(JSON.stringify(await timeOperations(bodies, (body, parameters) => body(parameters))));
