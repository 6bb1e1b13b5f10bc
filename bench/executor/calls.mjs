// How a thread pool's programs time calls of one worker thread: microseconds for one, by the clock on the wall.
// Prints one line: a call that does nothing, one after the other and 100 at a time, and one that works for a millisecond.
// Invariants: the same functions for every peer; a warm-up before each; a wrong result is an error.
const BATCH = 100;

export const add = (left, right) => left + right;

export function work(left, right) {
  const end = performance.now() + 1;
  while (performance.now() < end);
  return left + right;
}

async function each(count, call) {
  for (let i = 0; i < count; i++) {
    if ((await call(i, 1)) !== i + 1) throw new Error('a wrong result');
  }
}

async function batches(count, call) {
  for (let i = 0; i < count; i += BATCH) {
    await Promise.all(Array.from({ length: BATCH }, () => call(1, 2)));
  }
}

async function time(count, run) {
  await run(count / 5);
  const began = performance.now();
  await run(count);
  return ((performance.now() - began) * 1e3) / count;
}

// `callAdd` and `callWork` run add() and work() in the thread.
export async function timeCalls(callAdd, callWork) {
  return {
    each: await time(10_000, (count) => each(count, callAdd)),
    batch: await time(20_000, (count) => batches(count, callAdd)),
    work: await time(500, (count) => each(count, callWork)),
  };
}
