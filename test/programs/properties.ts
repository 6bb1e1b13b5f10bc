/**
 * How many random programs the suites run, and of which seed.
 *
 * The same ones each time, so that a suite which fails fails again. To look for more:
 * `UVIO_PROGRAMS=20 UVIO_SEED=7 npx mocha dist/test/sync/programs.test.js` runs 20 times as many, and others.
 */

import fc, { type Parameters } from 'fast-check';
import { type Choice, type Program, programs } from './language.js';

const { UVIO_PROGRAMS, UVIO_SEED } = process.env;

export function parameters(numRuns: number): Parameters<[Program]> {
  return { seed: Number(UVIO_SEED ?? 1), numRuns: numRuns * Number(UVIO_PROGRAMS ?? 1) };
}

/** Fails with the smallest program found for which `holds` throws. */
export function eachProgram(
  choice: Choice,
  numRuns: number,
  holds: (program: Program) => Promise<void>,
): Promise<void> {
  return fc.assert(fc.asyncProperty(programs(choice), holds), parameters(numRuns));
}
