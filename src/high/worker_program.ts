/**
 * The program of a supervisor's worker thread: a loop, the module's default export on it, and an end in order.
 *
 * An error of the module ends the thread with it, which the supervisor sees. Invariant: told to end, it accepts nothing
 * more, lets its connections end, then cancels what the module still does, and leaves nothing open behind.
 */

import { workerData } from 'node:worker_threads';
import { CancelledError, RuntimeError } from '../core/exceptions.js';
import { Future } from '../core/futures.js';
import { createTask } from '../core/task_factory.js';
import { getRunningLoop } from '../loop/current.js';
import { FIRST_COMPLETED, wait } from '../sync/waiting.js';
import { typeError } from '../util/check.js';
import { run } from './runners.js';
import type { SupervisorMessage, WorkerMessage, WorkerStart } from './serve_messages.js';
import { ServeWorker } from './serve_worker.js';
import { reportOf } from './worker_metrics.js';

const { port, url, index, descriptors, data } = workerData as WorkerStart;

function tell(message: WorkerMessage): void {
  port.postMessage(message);
}

async function callModule(worker: ServeWorker): Promise<void> {
  const { default: program } = (await import(url)) as { default?: unknown };
  if (typeof program !== 'function')
    throw typeError(`the default export of ${url}`, 'a function', program);
  await program(worker);
  if (!worker._hasServer) throw new RuntimeError(`the default export of ${url} started no server`);
}

async function main(): Promise<void> {
  const loop = getRunningLoop();
  const worker = new ServeWorker(index, data, descriptors, () => tell({ type: 'serving' }));
  const drained = new Future<void>({ loop });
  port.on('message', (message: SupervisorMessage) => {
    if (loop.isClosed()) return;
    if (message.type === 'metrics') {
      tell({ ...message, report: reportOf(loop) });
    } else {
      worker._drain(message.timeout, () => {
        if (!drained.done()) drained.setResult();
      });
    }
  });
  const program = createTask(() => callModule(worker), { name: 'serve' });
  await wait([program, drained], { returnWhen: FIRST_COMPLETED });
  if (!drained.done()) {
    // It has returned, and its server goes on; or this throws what it threw.
    program.result();
    await drained;
  }
  program.cancel();
  try {
    await program;
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  }
}

try {
  await run(main, { signals: false });
} finally {
  port.close();
}
