/**
 * Work that keeps the thread busy: what a test of clocks does instead of sleeping.
 */

/** Returns after `milliseconds` of real time. */
export function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
