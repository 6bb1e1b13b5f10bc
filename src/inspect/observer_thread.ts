/**
 * What runs in the observer: a worker thread that watches the thread beside it and speaks for it while it is blocked.
 *
 * Writes to standard error by itself, since a worker's streams go through the main thread. Invariant: it needs nothing
 * from the observed thread in order to report; what it asks it for may never be answered.
 */

import { writeSync } from 'node:fs';
import { type MessagePort, workerData } from 'node:worker_threads';
import { LOG_LEVELS } from '../util/logger.js';
import { type BlockedStack, captureBlockedStack, capturesDone } from './blocked_stack.js';
import type { FromObserver, ObserverData, ToObserver } from './messages.js';
import { Responder } from './responder.js';
import { serve } from './server.js';
import { stillBlocks } from './stall_text.js';
import { millisecondsSince, StallWatch } from './stall_watch.js';

const { port, data } = workerData as { port: MessagePort; data: ObserverData };
const thread = data.isMainThread ? 'the main thread' : `worker thread ${data.threadId}`;
const watches = new Map<number, StallWatch>();
const responder = new Responder(
  data.command,
  (isWanted) => stackOfThread(PATIENCE_WHEN_ASKED, isWanted),
  watches,
  (request) => tell({ kind: 'snapshot', request }),
);
// How long native code may keep a report from going out, and an answer.
const PATIENCE = 1000; // ms
const PATIENCE_WHEN_ASKED = 2500; // ms
/** Ends the service, if there is one; one begins when the one before is over. */
let service: Promise<(() => void) | null> = Promise.resolve(null);
let reporting = 0;
let ending = false;
const WARN = LOG_LEVELS.indexOf('warn');
const STANDARD_ERROR = 2;
// A pipe that nobody empties must not hold the reports up for ever.
const ATTEMPTS = 100;
const PAUSE = 10; // ms

function tell(message: FromObserver): void {
  port.postMessage(message);
}

/** Node reaches the main thread only. */
async function stackOfThread(patience: number, isWanted: () => boolean): Promise<BlockedStack> {
  if (data.isMainThread) return await captureBlockedStack(data.sourceMaps, patience, isWanted);
  return { frames: [], missing: 'stacks are taken of the main thread only' };
}

async function reportStall(loop: number, watch: StallWatch, since: bigint): Promise<void> {
  watch.wantTotal(since);
  reporting++;
  const stack = await stackOfThread(PATIENCE, () => watch.isRunning(since));
  const written = stack.inDebugger !== true && watch.isRunning(since) && logs();
  if (written) write(`${stillBlocks(stack, thread, millisecondsSince(since))}\n`);
  tell({ kind: 'stalled', loop, stack, written });
  reporting--;
  if (ending) sayWhenDone();
}

function sayWhenDone(): void {
  ending = true;
  if (reporting === 0) void capturesDone().then(() => tell({ kind: 'done' }));
}

function logs(): boolean {
  return Atomics.load(data.level, 0) <= WARN;
}

/** Writes all of it, also where standard error is a pipe that does not block. */
function write(text: string): void {
  let bytes = Buffer.from(text);
  for (let attempt = 0; attempt < ATTEMPTS && bytes.length > 0; attempt++) {
    try {
      bytes = bytes.subarray(writeSync(STANDARD_ERROR, bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}

function watchLoop(loop: number, entry: BigInt64Array, threshold: number | null): void {
  let watch = watches.get(loop);
  if (watch === undefined) {
    watch = new StallWatch(entry, (stalled, since) => void reportStall(loop, stalled, since));
    watches.set(loop, watch);
  }
  watch.setThreshold(threshold);
}

port.on('message', (message: ToObserver) => {
  switch (message.kind) {
    case 'watch':
      watchLoop(message.loop, message.entry, message.threshold);
      break;
    case 'forget':
      watches.get(message.loop)?.stop();
      watches.delete(message.loop);
      break;
    case 'end':
      sayWhenDone();
      break;
    case 'close':
      port.close();
      break;
    case 'serve':
      service = service
        .then(() => serve(data, responder))
        .catch((error: Error) => {
          tell({ kind: 'refused', reason: error.message });
          return null;
        });
      break;
    case 'silence':
      service = service.then((end) => {
        end?.();
        return null;
      });
      break;
    case 'snapshot':
      responder.answered(message.request, message.snapshot);
  }
});
