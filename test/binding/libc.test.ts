/**
 * Which C library a Node is linked with, read from its ELF file.
 *
 * Guards: a file of musl's is told from one of glibc's by its own words, whatever is installed beside it; a
 * file that is none, or is cut off, is not musl's and harms nobody.
 */

import { equal } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interpreterOf, isMusl } from '../../src/binding/libc.js';

/** The head of an executable that asks for `interpreter`, in its second program header. */
function executable(interpreter: string): Buffer {
  const file = Buffer.alloc(512);
  file.write('7f454c460201', 'hex');
  file.writeBigUInt64LE(64n, 32); // program headers
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(3, 56);
  file.writeUInt32LE(6, 64); // PT_PHDR
  file.writeUInt32LE(3, 64 + 56); // PT_INTERP
  file.writeBigUInt64LE(300n, 64 + 56 + 8);
  file.writeBigUInt64LE(BigInt(interpreter.length + 1), 64 + 56 + 32);
  file.writeUInt32LE(1, 64 + 112); // PT_LOAD
  file.write(interpreter, 300, 'latin1');
  return file;
}

describe('the C library of an executable', () => {
  const folder = mkdtempSync(join(tmpdir(), 'uvio-libc-'));
  after(() => rmSync(folder, { recursive: true }));

  function written(name: string, bytes: Buffer): string {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    return file;
  }

  it('is musl when it asks for the loader of musl', () => {
    const file = written('musl', executable('/lib/ld-musl-x86_64.so.1'));
    equal(interpreterOf(file), '/lib/ld-musl-x86_64.so.1');
    equal(isMusl(file), true);
  });

  it('is not musl when it asks for the loader of glibc', () => {
    equal(isMusl(written('glibc', executable('/lib64/ld-linux-x86-64.so.2'))), false);
  });

  it('is that of the Node that runs this test', function () {
    const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
    if (process.platform !== 'linux') this.skip();
    equal(isMusl(process.execPath), header.glibcVersionRuntime === undefined);
  });

  it('is not musl when there is nothing to read it from', () => {
    const whole = executable('/lib/ld-musl-x86_64.so.1');
    equal(interpreterOf(written('cut', whole.subarray(0, 100))), null);
    equal(interpreterOf(written('script', Buffer.from('#!/bin/sh\n'))), null);
    equal(interpreterOf(written('empty', Buffer.alloc(0))), null);
    equal(isMusl(join(folder, 'none')), false);
  });
});
