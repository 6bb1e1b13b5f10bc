// What both programs move, and what that costs the process that has the programs: its CPU time (user and
// system) and the time in all, in milliseconds. Invariant: a byte that got lost is an error.

export const SIZE = 2 ** 30;
export const BLOCK = Buffer.alloc(64 * 1024, 'uvio');

export const PIPELINE = [['head', '-c', String(SIZE), '/dev/zero'], ['cat'], ['wc', '-c']];

// Prints the figures of `move`, which returns how many bytes went through.
export async function timed(move) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const moved = await move();
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  if (moved !== SIZE) throw new Error(`${moved} bytes of ${SIZE} went through`);
  console.log(JSON.stringify({ cpu: (user + system) / 1000, wall }));
}
