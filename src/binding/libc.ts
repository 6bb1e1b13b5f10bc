/**
 * Which C library this Node was linked with, on Linux: prebuilt addons come for glibc and for musl.
 *
 * Read from Node's own ELF file, which names its loader (`ld-linux-x86-64.so.2`, `ld-musl-x86_64.so.1`): nothing is run,
 * and a musl that is installed beside glibc misleads nobody. Invariant: never throws; what cannot be read is glibc.
 */

import { closeSync, openSync, readSync } from 'node:fs';

// Of the ELF file format, 64 bits, little-endian: all that there are addons for.
const ELF_64_LITTLE = 0x7f454c460201;
const PT_INTERP = 3;
// Linkers put the program headers and the loader's name at the beginning; far more than they take.
const HEAD = 4096;

/** The path of the loader that an executable asks for; null when it asks for none. */
export function interpreterOf(executable: string): string | null {
  const head = Buffer.alloc(HEAD);
  const file = openSync(executable, 'r');
  try {
    readSync(file, head, 0, HEAD, 0);
    if (head.readUIntBE(0, 6) !== ELF_64_LITTLE) return null;
    const size = head.readUInt16LE(54);
    const end = head.readUInt16LE(56) * size + Number(head.readBigUInt64LE(32));
    for (let header = end - size; header >= 64 && header + size <= HEAD; header -= size) {
      if (head.readUInt32LE(header) !== PT_INTERP) continue;
      const length = Number(head.readBigUInt64LE(header + 32));
      const name = Buffer.alloc(Math.min(length, HEAD));
      readSync(file, name, 0, name.length, Number(head.readBigUInt64LE(header + 8)));
      return name.toString('latin1').split('\0', 1)[0] as string;
    }
    return null;
  } finally {
    closeSync(file);
  }
}

/** Whether `executable` is linked with musl. */
export function isMusl(executable: string): boolean {
  try {
    return /\bld-musl-/.test(interpreterOf(executable) ?? '');
  } catch {
    return false;
  }
}
