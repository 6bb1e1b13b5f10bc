// Calls of uvio's ThreadPoolExecutor (see calls.mjs), and how late a loop's 1 ms timers are while threads of the
// executor keep every processor busy: the 99th percentile, in milliseconds.
import { availableParallelism } from 'node:os';
import { getRunningLoop, run, ThreadPoolExecutor } from '../../dist/src/index.js';
import { add, timeCalls, work } from './calls.mjs';

const TIMERS = 2000;

async function timerDelay(loop) {
  const executor = new ThreadPoolExecutor();
  const spin = () => {
    for (;;);
  };
  const busy = Array.from({ length: availableParallelism() }, () => executor.submit(spin));
  // They have started by the time that one more has waited in vain.
  await executor.submit(add, [1, 2], { timeout: 500 }).catch(() => {});
  const delays = [];
  await new Promise((resolve) => {
    const tick = (due) => {
      delays.push(loop.time() - due);
      if (delays.length === TIMERS) resolve();
      else loop.callLater(1, tick, loop.time() + 1);
    };
    loop.callLater(1, tick, loop.time() + 1);
  });
  for (const one of busy) one.cancel();
  await executor.shutdown();
  return delays.sort((a, b) => a - b)[Math.floor(TIMERS * 0.99)];
}

await run(async () => {
  const loop = getRunningLoop();
  const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
  const figures = await timeCalls(
    (...args) => loop.runInExecutor(executor, add, ...args),
    (...args) => loop.runInExecutor(executor, work, ...args),
  );
  await executor.shutdown();
  console.log(JSON.stringify({ ...figures, timers: await timerDelay(loop) }));
});
