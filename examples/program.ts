/*
 * How an example runs that serves until Ctrl-C. Invariant: an interrupted one ends with 130, as a shell expects, and
 * one that fails says why in a line and ends with 1.
 */

import { KeyboardInterrupt, run } from 'uvio';

export async function runProgram(main: () => Promise<void>): Promise<void> {
  try {
    await run(main);
  } catch (error) {
    if (error instanceof KeyboardInterrupt) process.exitCode = 130;
    else {
      console.error(String(error));
      process.exitCode = 1;
    }
  }
}
