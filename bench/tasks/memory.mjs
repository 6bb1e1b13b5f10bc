// The clock and the memory of this process, for the programs of the work `tasks` in JavaScript.
// Invariant: memory is what the system has given the process (/proc/self/statm), after a collection: what
// lies outside of V8's heap counts, and garbage does not.

export function residentBytes() {
  globalThis.gc();
  globalThis.gc(); // what finalizers let go of in the first
  return process.memoryUsage.rss();
}

// CPU time of the process.
export function nanoseconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

// `measure` makes `count` tasks, cancels them, and tells what one costs. Its first call warms up.
export async function report(words, measure) {
  const count = Number(words[words.indexOf('--count') + 1]);
  if (!words.includes('--count') || !(count > 0)) throw new Error('--count N is needed');
  await measure(Math.ceil(count / 100));
  console.log(JSON.stringify(await measure(count)));
}
