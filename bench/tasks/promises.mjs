// Many async functions at once with nothing but promises: `--wait future|sleep`, `--count N`.
// Prints one line: bytes per waiting one, nanoseconds to start one and to end it. Promises cannot be
// cancelled, so each keeps what ends its wait with an error: the least that stands for a task.
// Invariant: promises' reactions run in order, so that the last one to begin tells that all did.
import { nanoseconds, report, residentBytes } from './memory.mjs';

const HOUR = 3_600_000;
const ready = Promise.resolve();

class Waiter {
  constructor(wait) {
    this.timer = undefined;
    this.reject = undefined;
    this.ended = ready.then(() => this.#run(wait));
  }

  async #run(wait) {
    try {
      await wait(this);
      return false;
    } catch {
      return true;
    }
  }

  cancel() {
    clearTimeout(this.timer);
    this.reject(new Error('cancelled'));
  }
}

const waits = {
  future: (waiter) =>
    new Promise((_, reject) => {
      waiter.reject = reject;
    }),
  sleep: (waiter) =>
    new Promise((resolve, reject) => {
      waiter.reject = reject;
      waiter.timer = setTimeout(resolve, HOUR);
    }),
};

const wait = waits[process.argv[process.argv.indexOf('--wait') + 1]];
if (wait === undefined) throw new Error('--wait future or --wait sleep is needed');

async function measure(count) {
  const before = residentBytes();
  const start = nanoseconds();
  const waiters = [];
  for (let i = 0; i < count; i++) waiters.push(new Waiter(wait));
  await ready.then(() => {});
  const created = nanoseconds();

  const memory = residentBytes() - before;

  const begin = nanoseconds();
  for (const waiter of waiters) waiter.cancel();
  await waiters.at(-1).ended;
  const cancelled = nanoseconds();

  for (const { ended } of waiters) if (!(await ended)) throw new Error('one was not cancelled');
  return {
    memory: memory / count,
    create: (created - start) / count,
    cancel: (cancelled - begin) / count,
  };
}

await report(process.argv, measure);
