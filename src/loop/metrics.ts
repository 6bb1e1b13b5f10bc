/**
 * loop.metrics(): what a loop has done and what it has to do, as plain data that survives JSON.
 *
 * asyncio has nothing like it. The native side counts always; what is open or waiting is counted when somebody asks.
 * publish() is for those who collect: they subscribe to the channel, and need to know no loop.
 */

import type { DurationSummary } from '../binding/metrics.js';
import { checkDuration } from '../core/debug.js';
import { rangeError } from '../util/check.js';
import type { EventLoop } from './event_loop.js';

/** What loop.metrics() gives: plain numbers, times in ms. */
export interface LoopMetrics {
  /** Milliseconds since the loop was made or its metrics were reset. */
  elapsed: number;
  /** The share of them that was spent in turns, from 0 to 1. */
  busy: number;
  /** How often the host gave the loop a turn. */
  turns: number;
  /** Calls from the loop into JavaScript; outside of debug mode a batch of callbacks is one. In milliseconds. */
  callbacks: DurationSummary;
  /** Polls for I/O, less the callbacks that ran inside them; waiting is not part of them. In milliseconds. */
  polls: DurationSummary;
  /** Callbacks that are ready to run. */
  ready: number;
  /** Timers that are pending. */
  timers: number;
  /** Tasks that are not done. */
  tasks: number;
  /** Open handles by libuv's names of their kinds: 'tcp', 'pipe', 'udp', 'poll', 'signal'. */
  handles: Record<string, number>;
}

/** What is published on the channel `uvio.metrics`. */
export interface PublishedMetrics {
  /** Whose they are. */
  loop: EventLoop;
  /** What metrics() says. */
  metrics: LoopMetrics;
}

/** What metrics() takes. */
export interface MetricsOptions {
  /** Begins to count anew, once these are taken. */
  reset?: boolean;
}

/** Undefined when the loop is closed. */
export function metricsOf(loop: EventLoop, reset: boolean): LoopMetrics | undefined {
  const counted = loop._reactor.metrics(reset);
  if (counted === undefined) return undefined;
  const { elapsed, busy, turns, callbacks, polls, handles } = counted;
  const share = elapsed > 0 ? Math.min(busy / elapsed, 1) : 0;
  const waiting = { ...loop._counts(), tasks: [...loop._tasks].length };
  return { elapsed, busy: share, turns, callbacks, polls, ...waiting, handles };
}

const LONGEST_INTERVAL = 0x7fffffff;

/** Publishes the metrics of a loop every so often. */
export class MetricsPublisher {
  #timer: NodeJS.Timeout | null = null;

  /** Every `interval` milliseconds from now on; null for no more. @throws TypeError or RangeError */
  start(loop: EventLoop, interval: number | null): void {
    if (interval !== null) {
      checkDuration('interval', interval);
      if (interval < 1 || interval > LONGEST_INTERVAL) {
        throw rangeError('interval', `from 1 to ${LONGEST_INTERVAL} milliseconds`, interval);
      }
    }
    this.stop();
    if (interval === null) return;
    // Not to be loaded by those who publish nothing.
    const channel = process.getBuiltinModule('node:diagnostics_channel').channel('uvio.metrics');
    const publish = () => {
      if (!channel.hasSubscribers) return;
      const metrics = loop.metrics();
      if (metrics !== undefined) channel.publish({ loop, metrics });
    };
    this.#timer = setInterval(publish, interval).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
