/**
 * What the native side counts of a loop, always: turns, polls and how long each call into JavaScript took.
 *
 * Answers to LoopWrap::Metrics in native/wraps/loop_wrap.cc; libuv has uv_metrics_idle_time. Plain data.
 */

/** Durations in milliseconds. */
export interface DurationSummary {
  count: number;
  total: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

export interface NativeMetrics {
  /** Milliseconds since the loop was made or its counts were reset. */
  elapsed: number;
  /** Milliseconds of them spent in turns, waiting not included. */
  busy: number;
  /** How often the host gave the loop a turn. */
  turns: number;
  /** Calls from the loop into JavaScript. */
  callbacks: DurationSummary;
  /** Polls for I/O, less the callbacks that ran inside them. */
  polls: DurationSummary;
  /** Open handles by libuv's names of their kinds: 'tcp', 'pipe', 'udp', 'poll', 'signal'. */
  handles: Record<string, number>;
}
