// Calls from a worker into the main thread's loop by callSoonThreadsafe().
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { EventLoop, getRunningLoop, run } from '../../dist/src/index.js';
import { act, Watch } from './measure.mjs';

if (isMainThread) {
  await run(async () => {
    const loop = getRunningLoop();
    const over = loop.createFuture();
    let worker = null;
    const watch = new Watch(() => worker.callSoonThreadsafe('again'));
    loop.expose({
      attached: (ref) => {
        worker = EventLoop.attach(ref);
      },
      tick: () => watch.tick(),
      last: (started, cpu) => watch.last(started, cpu),
      wake: (started) => watch.wake(started),
      over: () => over.setResult(),
    });
    new Worker(new URL(import.meta.url), { workerData: loop.ref });
    await over;
    watch.report();
  });
} else {
  await run(async () => {
    const loop = getRunningLoop();
    const main = EventLoop.attach(workerData);
    let flooded = null;
    loop.expose('again', () => flooded.setResult());
    main.callSoonThreadsafe('attached', loop.ref);
    await act(
      (...words) => main.callSoonThreadsafe(...words),
      () => {
        flooded = loop.createFuture();
        return flooded;
      },
    );
  });
}
