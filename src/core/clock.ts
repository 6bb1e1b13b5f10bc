/**
 * Node's clock and the native one: both are monotonic and run alike, from different beginnings.
 *
 * performance.now() is asked because it costs a third of a call to the native side; libuv's is uv_hrtime().
 */

const READINGS = 5;

/** What has to be added to performance.now() to get what `nativeNow` gives, in milliseconds. */
export function clockOffset(nativeNow: () => number): number {
  // The tightest of a few readings: being preempted inside one would skew the clock for good.
  let tightest = Number.POSITIVE_INFINITY;
  let offset = 0;
  for (let reading = 0; reading < READINGS; reading++) {
    const before = performance.now();
    const now = nativeNow();
    const after = performance.now();
    if (after - before >= tightest) continue;
    tightest = after - before;
    offset = now - (before + after) / 2;
  }
  return offset;
}
