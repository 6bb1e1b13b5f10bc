/**
 * What the native side counts of a loop, always: turns, polls and how long each call into JavaScript took.
 *
 * Answers to LoopWrap::Metrics in native/wraps/loop_wrap.cc; libuv has uv_metrics_idle_time. Plain data.
 */

/** Durations in milliseconds. */
export interface DurationSummary {
  /** How many were measured. */
  count: number;
  /** Their sum, in ms. */
  total: number;
  /** The median, in ms. */
  p50: number;
  /** In ms; like all quantiles at most 6 % above the truth. */
  p90: number;
  /** In ms. */
  p99: number;
  /** In ms. */
  p999: number;
  /** The longest, in ms, exact. */
  max: number;
}

/**
 * How often durations were measured: a bound in milliseconds and a count, in turn, the smallest bound first. So many were at
 * most that long, and longer than the bound before. Histograms of several loops add up.
 */
export type DurationBuckets = readonly number[];

/** What the quantiles of both are taken from. */
export interface NativeBuckets {
  callbacks: DurationBuckets;
  polls: DurationBuckets;
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
