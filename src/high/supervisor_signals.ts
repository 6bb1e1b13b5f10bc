/**
 * The signals of a supervisor: SIGTERM and SIGINT close it, SIGHUP reloads it, as with gunicorn and nginx.
 *
 * The second SIGTERM or SIGINT ends the process at once, by its default action. Beside run(), which takes these two as
 * well, both do their part. Invariant: the listeners are there only while the supervisor is open.
 */

import * as workerThreads from 'node:worker_threads';
import { log } from '../util/logger.js';
import type { Supervisor } from './supervisor.js';

const ENDING = ['SIGTERM', 'SIGINT'] as const;

/** Other threads hear of no signals. */
export function takeSignals(supervisor: Supervisor<unknown>): void {
  if (!workerThreads.isMainThread) return;
  const onEnding = (signal: NodeJS.Signals) => {
    if (supervisor.isServing()) return supervisor.close();
    giveBack();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const onReload = () => {
    if (!supervisor.isServing()) return;
    supervisor.reload().addDoneCallback((reloading) => {
      const error = reloading.cancelled() ? null : reloading.exception();
      // To be closed meanwhile is no failure.
      if (error === null || !supervisor.isServing()) return;
      log('error', `${supervisor} was not reloaded: ${(error as Error).stack}`);
    });
  };
  const giveBack = () => {
    for (const signal of ENDING) process.off(signal, onEnding);
    process.off('SIGHUP', onReload);
  };
  for (const signal of ENDING) process.on(signal, onEnding);
  process.on('SIGHUP', onReload);
  supervisor._whenEnded(giveBack);
}
