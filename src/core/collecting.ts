/**
 * Running the garbage collector for what is reported when it is collected, in debug mode.
 *
 * CPython counts references, and so reports at once what nobody holds any more. V8 collects when memory runs short, which may
 * be minutes later. In debug mode it is therefore asked to, half a second after something was left to it, and
 * again, ever more rarely, while that is still held by somebody: nothing is reported that is not gone.
 * Invariant: it takes no more than a hundredth of the time, and no heap above LARGEST_HEAP is collected so.
 */

import { outsideTasks } from './context.js';

const FIRST_DELAY = 500; // ms
const LAST_DELAY = 60_000;
const SHARE = 0.01;
// Beyond this a collection is a stall by itself, and comes by itself often enough.
const LARGEST_HEAP = 256 * 2 ** 20;

/** What is waited for. */
const wanted = new Set<object>();
let timer: NodeJS.Timeout | null = null;
let delay = FIRST_DELAY;
let collector: (() => void) | null = null;

/** What `record` stands for may be garbage: it is looked for soon. */
export function collectSoon(record: object): void {
  wanted.add(record);
  if (timer !== null && delay <= FIRST_DELAY) return;
  delay = FIRST_DELAY;
  arm();
}

/** `record` is settled. */
export function noLongerWanted(record: object): void {
  if (!wanted.delete(record) || wanted.size > 0 || timer === null) return;
  clearTimeout(timer);
  timer = null;
}

function arm(): void {
  if (timer !== null) clearTimeout(timer);
  timer = outsideTasks(() => setTimeout(collect, delay).unref());
}

function collect(): void {
  timer = null;
  const started = performance.now();
  if (process.memoryUsage().heapUsed <= LARGEST_HEAP) {
    collector ??= findCollector();
    collector();
  }
  const taken = performance.now() - started;
  delay = Math.max(Math.min(delay * 2, LAST_DELAY), taken / SHARE);
  // What it found is reported, and then not wanted any more, in a task of Node's that comes before this.
  arm();
}

/** V8 has the function in contexts that are made while a flag is set. */
function findCollector(): () => void {
  if (typeof globalThis.gc === 'function') return globalThis.gc as () => void;
  // Not imported: they take time to load, and only debug mode needs them.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--expose-gc');
  const found: unknown = process.getBuiltinModule('node:vm').runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return typeof found === 'function' ? (found as () => void) : () => {};
}
