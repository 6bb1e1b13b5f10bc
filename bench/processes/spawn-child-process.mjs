// Processes started by node:child_process: see rate.mjs.
import { spawn } from 'node:child_process';
import { timeSpawns } from './rate.mjs';

await timeSpawns(() => {
  const child = spawn('/bin/true', [], { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.resume();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
});
