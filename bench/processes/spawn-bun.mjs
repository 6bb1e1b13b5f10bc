// Processes started by Bun.spawn: see rate.mjs.
import { timeSpawns } from './rate.mjs';

await timeSpawns(async () => {
  const child = Bun.spawn(['/bin/true'], { stdin: 'ignore', stdout: 'pipe', stderr: 'ignore' });
  await child.stdout.text();
  return child.exited;
});
