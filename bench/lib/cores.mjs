// Which core runs what: what is measured has one of its own, and so has what loads it.
// Invariant: on a machine with one core, or without taskset, nothing is pinned and the report says so.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

export const MEASURED_CORE = 0;
export const LOAD_CORE = 1;

export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;

export const pinned = (core, words) => (canPin ? ['taskset', '-c', String(core), ...words] : words);
