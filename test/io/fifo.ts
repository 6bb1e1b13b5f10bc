/**
 * Named pipes: the descriptors that Node can open both ends of, for tests that watch them.
 */

import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Fifo {
  path: string;
  /** Reads and writes the same pipe. */
  both: number;
  /** Opens one more end, which is closed with the others. */
  open(mode: 'reader' | 'writer'): number;
  /** Closes an end before the others. */
  close(descriptor: number): void;
}

/** Runs `body` with a new pipe, whose descriptors are closed at the end. */
export async function withFifo<T>(body: (fifo: Fifo) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'uvio-'));
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const opened = new Set<number>();
  const openAs = (flags: number): number => {
    const descriptor = openSync(path, flags | constants.O_NONBLOCK);
    opened.add(descriptor);
    return descriptor;
  };
  const both = openAs(constants.O_RDWR);
  try {
    return await body({
      path,
      both,
      open: (mode) => openAs(mode === 'reader' ? constants.O_RDONLY : constants.O_WRONLY),
      close: (descriptor) => {
        opened.delete(descriptor);
        closeSync(descriptor);
      },
    });
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
    rmSync(folder, { recursive: true });
  }
}
