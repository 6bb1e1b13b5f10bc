/**
 * The options of serve(), checked and with what is not said filled in.
 *
 * Invariant: whatever is wrong with them is said before a socket is bound or a thread started.
 */

import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';
import type { AbortOptions } from '../core/abort.js';
import type { ServeOptions } from '../loop/serving.js';
import type { UnixPath } from '../loop/unix.js';
import {
  checkBoolean,
  checkDuration,
  checkInteger,
  checkOptions,
  typeError,
  valueError,
} from '../util/check.js';
import type { SupervisorSettings } from './supervisor.js';

type Binding = Pick<ServeOptions, 'family' | 'reuseAddress' | 'ipv6Only'>;

/** How serve() looks after its workers. */
export interface SupervisorOptions extends AbortOptions, Binding {
  /** How many; by default one for each processor that the process may use. */
  workers?: number;
  /** A name, an address, a list of them, or null for all interfaces. */
  host?: string | readonly string[] | null;
  /** 0, the default, for any free one. */
  port?: number;
  /** A unix socket in place of host and port. */
  path?: UnixPath;
  /** Permissions of the unix socket's file, as 0o600. */
  mode?: number;
  /** Milliseconds for connections to end when their worker stops, before they are aborted; 30,000 by default. */
  drainTimeout?: number;
  /** Milliseconds until a worker that died is started again, 100 by default; it doubles with each death in a row. */
  restartDelay?: number;
  /** What it grows to at most; 10,000 by default. */
  maxRestartDelay?: number;
  /** A worker that has served so many milliseconds, 10,000 by default, dies for the first time again. */
  stableTime?: number;
  /** After so many starts in a row that failed, 5 by default, the supervisor gives up and closes. */
  maxFailedStarts?: number;
  /** False to leave SIGTERM, SIGINT and SIGHUP alone, as in worker threads. */
  signals?: boolean;
  /** What every Worker is made with: `workerData`, `env`, `resourceLimits` … */
  workerOptions?: WorkerOptions;
}

const DRAIN_TIMEOUT = 30_000;
const RESTART_DELAY = 100;
const MAX_RESTART_DELAY = 10_000;
const STABLE_TIME = 10_000;
const MAX_FAILED_STARTS = 5;
const MOST_WORKERS = 1024;

/** What serve() goes by. */
export interface ServeSettings extends SupervisorSettings {
  host: string | readonly string[] | null;
  port: number;
  path: UnixPath | undefined;
  mode: { mode?: number };
  binding: Binding;
  signals: boolean;
}

/** @throws TypeError or RangeError */
export function checkSettings(
  workerUrl: string | URL,
  options: SupervisorOptions = {},
): ServeSettings {
  checkOptions(options);
  const { workers = availableParallelism(), maxFailedStarts = MAX_FAILED_STARTS } = options;
  checkInteger('workers', workers, 1, MOST_WORKERS);
  checkInteger('maxFailedStarts', maxFailedStarts, 1, Number.MAX_SAFE_INTEGER);
  const { signals = true, workerOptions = {} } = options;
  checkBoolean('signals', signals);
  checkOptions(workerOptions, 'workerOptions');
  const { drainTimeout = DRAIN_TIMEOUT, stableTime = STABLE_TIME } = options;
  const { restartDelay = RESTART_DELAY, maxRestartDelay = MAX_RESTART_DELAY } = options;
  for (const [name, time] of Object.entries({
    drainTimeout,
    restartDelay,
    maxRestartDelay,
    stableTime,
  })) {
    checkDuration(name, time);
  }
  const { host = null, port, path, mode, family, reuseAddress, ipv6Only } = options;
  if (path !== undefined && (host !== null || port !== undefined)) {
    throw valueError('host/port and path can not be specified at the same time');
  }
  if (path === undefined && mode !== undefined)
    throw valueError('mode is for a path, and none was specified');
  return {
    url: moduleUrl(workerUrl),
    workers,
    drainTimeout,
    restartDelay,
    maxRestartDelay,
    stableTime,
    maxFailedStarts,
    workerOptions,
    host,
    port: port ?? 0,
    path,
    mode: mode === undefined ? {} : { mode },
    binding: {
      ...(family !== undefined && { family }),
      ...(reuseAddress !== undefined && { reuseAddress }),
      ...(ipv6Only !== undefined && { ipv6Only }),
    },
    signals,
  };
}

/** @throws TypeError */
function moduleUrl(workerUrl: unknown): string {
  if (workerUrl instanceof URL) return workerUrl.href;
  if (typeof workerUrl === 'string') {
    if (isAbsolute(workerUrl)) return pathToFileURL(workerUrl).href;
    if (URL.canParse(workerUrl)) return workerUrl;
  }
  throw typeError('workerUrl', 'a URL or an absolute path', workerUrl);
}
