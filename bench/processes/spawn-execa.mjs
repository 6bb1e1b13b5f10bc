// Processes started by execa: see rate.mjs.
import { execa } from 'execa';
import { timeSpawns } from './rate.mjs';

await timeSpawns(async () => {
  const child = execa('/bin/true', [], { stdin: 'ignore', stdout: 'pipe', stderr: 'ignore' });
  return (await child).exitCode;
});
