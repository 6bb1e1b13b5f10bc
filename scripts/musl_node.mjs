// A Node that is linked with musl, to test the prebuild for it: none is published by itself in npm, but pnpm comes as one
// that has the program pnpm inside, made by Node's own means for single executables.
//
// Of that executable a copy is made which is told that it has no program, and to look for libraries beside itself: Debian's
// libstdc++, and what that misses of glibc (release/musl). Tests run on it; nobody is given it.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runOrExit } from './setup.mjs';

const LOADER = '/lib/ld-musl-x86_64.so.1';
const SPECIFICATION = '/usr/lib/x86_64-linux-musl/musl-gcc.specs';
const LIBRARIES = {
  'libstdc++.so.6': '/usr/lib/x86_64-linux-gnu/libstdc++.so.6',
  'libgcc_s.so.1': '/lib/x86_64-linux-gnu/libgcc_s.so.1',
};
// That its libstdc++ asks for; ours takes the name.
const GLIBC_LOADER = 'ld-linux-x86-64.so.2';

const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';
const SHT_DYNAMIC = 6;
const DT_NEEDED = 1n;
const DT_RPATH = 15n;

/** The dynamic section of an ELF file of 64 bits: where its entries are, and their strings. */
function dynamicSection(image) {
  const sections = Number(image.readBigUInt64LE(0x28));
  const size = image.readUInt16LE(0x3a);
  const header = (index) => sections + index * size;
  for (let index = 0; index < image.readUInt16LE(0x3c); index++) {
    if (image.readUInt32LE(header(index) + 4) !== SHT_DYNAMIC) continue;
    const [start, length] = [24, 32].map((at) => Number(image.readBigUInt64LE(header(index) + at)));
    const strings = header(image.readUInt32LE(header(index) + 40));
    return { start, end: start + length, strings: Number(image.readBigUInt64LE(strings + 24)) };
  }
  throw new Error('the executable is not linked dynamically');
}

/** The entry that asks for `library` becomes one that says where to look for all. */
function searchBeside(image, library) {
  const { start, end, strings } = dynamicSection(image);
  for (let entry = start; entry < end; entry += 16) {
    const text = strings + Number(image.readBigUInt64LE(entry + 8));
    if (image.readBigUInt64LE(entry) !== DT_NEEDED) continue;
    if (image.toString('latin1', text, image.indexOf(0, text)) !== library) continue;
    image.writeBigUInt64LE(DT_RPATH, entry);
    image.write('$ORIGIN\0', text, 'latin1');
    return;
  }
  throw new Error(`the executable does not ask for ${library}`);
}

/** The program, made of pnpm's when it is missing; null without Debian's packages musl and musl-dev. */
export function muslNode(executable) {
  if (![LOADER, SPECIFICATION].every(existsSync)) return null;
  const folder = join(root, 'build-prebuild', 'musl-node');
  const program = join(folder, 'node');
  if (existsSync(program)) return program;

  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of Object.entries(LIBRARIES)) copyFileSync(file, join(folder, name));
  const source = join(root, 'release', 'musl', 'libstdcxx.c');
  const flags = ['-specs', SPECIFICATION, '-shared', '-fPIC', '-O1', '-Wl,--allow-shlib-undefined'];
  runOrExit('gcc', [...flags, source, '-o', join(folder, GLIBC_LOADER)]);
  const image = readFileSync(executable);
  image.write('0', image.indexOf(FUSE) + FUSE.length);
  // libstdc++ asks for that one as well.
  searchBeside(image, 'libgcc_s.so.1');
  writeFileSync(program, image, { mode: 0o755 });
  const { status, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  if (status === 0) return program;
  rmSync(program);
  throw new Error(`the Node of musl does not start: ${stderr}`);
}
