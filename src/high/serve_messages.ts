/**
 * What a supervisor and its workers say to each other, over a port of their own: plain data.
 *
 * The worker's `parentPort` stays free for its program. Invariant: a worker says 'serving' once, when its server accepts.
 */

import type { MessagePort } from 'node:worker_threads';
import type { MetricsReport } from './worker_metrics.js';

/** What a worker begins with, as its workerData. */
export interface WorkerStart {
  port: MessagePort;
  /** The module whose default export is the program. */
  url: string;
  index: number;
  /** The listening sockets, which are the supervisor's: a worker works on duplicates. */
  descriptors: readonly number[];
  data: unknown;
}

export type SupervisorMessage =
  /** Accept no more, and end when the connections have, or after so many milliseconds. */
  { type: 'drain'; timeout: number } | { type: 'metrics'; id: number };

export type WorkerMessage =
  | { type: 'serving' }
  | { type: 'metrics'; id: number; report: MetricsReport | undefined };
