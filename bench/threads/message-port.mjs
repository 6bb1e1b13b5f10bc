// The same by Node's own postMessage(), with a table of functions.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { act, Watch } from './measure.mjs';

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  const watch = new Watch(() => worker.postMessage('again'));
  const functions = {
    tick: () => watch.tick(),
    last: (started, cpu) => watch.last(started, cpu),
    wake: (started) => watch.wake(started),
    over: () => {
      watch.report();
      worker.terminate();
    },
  };
  worker.on('message', ([name, ...args]) => functions[name](...args));
} else {
  await act(
    (...words) => parentPort.postMessage(words),
    () => new Promise((resolve) => parentPort.once('message', resolve)),
  );
}
