/**
 * A file to send, and a server that receives it: what the tests of sendfile have in common.
 */

import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFolder } from './local_peers.js';
import { randomData } from './peers.js';

export interface TestFile {
  fd: number;
  path: string;
  data: Buffer;
  /** Where it is read next. */
  position(): number;
}

/** Runs `body` with an open file of random bytes. */
export function withFile<T>(size: number, body: (file: TestFile) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const data = randomData(size);
    const path = join(folder, 'file');
    writeFileSync(path, data);
    const fd = openSync(path, 'r');
    try {
      return await body({ fd, path, data, position: () => size - left(fd) });
    } finally {
      closeSync(fd);
    }
  });
}

/** Reads to the end; how much that was. */
function left(fd: number): number {
  const memory = Buffer.alloc(1024 * 1024);
  let total = 0;
  for (;;) {
    const size = readSync(fd, memory);
    if (size === 0) return total;
    total += size;
  }
}
