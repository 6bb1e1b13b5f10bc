// How the programs in JavaScript time starting processes: `spawn.py` does the same.
// Usage: … --heap MIB --seconds S. Prints one line: microseconds per process run to its end, with 16 at a time, and
// for how many of them the thread was blocked by the call that starts one (median).
// Invariant: the memory is resident, so that fork() has page tables to copy, and every process exits with 0.
const CONCURRENCY = 16;
const WARM_UP = 32;
const MIB = 2 ** 20;

const word = (option) => Number(process.argv[process.argv.indexOf(option) + 1]);

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

// `start` starts /bin/true with its output to be read, and returns a promise of its exit code.
export async function timeSpawns(start) {
  const memory = Array.from({ length: word('--heap') }, () => Buffer.alloc(MIB, 1));
  const blocked = [];
  const one = async () => {
    const began = performance.now();
    const running = start();
    blocked.push((performance.now() - began) * 1e3);
    const code = await running;
    if (code !== 0) throw new Error(`a process ended with ${code}`);
  };
  const work = async (isOver) => {
    while (!isOver()) await one();
  };
  const inParallel = (isOver) =>
    Promise.all(Array.from({ length: CONCURRENCY }, () => work(isOver)));
  await inParallel(() => blocked.length >= WARM_UP);
  blocked.length = 0;
  const began = performance.now();
  const end = began + word('--seconds') * 1e3;
  await inParallel(() => performance.now() >= end);
  const each = ((performance.now() - began) * 1e3) / blocked.length;
  if (memory.length !== word('--heap')) throw new Error('the memory is gone');
  console.log(JSON.stringify({ each, blocked: median(blocked) }));
}
