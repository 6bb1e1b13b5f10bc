/**
 * What the prebuilds of `npm run prebuild` ask of a system, read from their symbols.
 *
 * Guards: no glibc newer than 2.17, for Windows its own DLLs only, for macOS 11 its C library, the C++ library inside,
 * nothing exported but what Node looks for in an addon, nothing left in it that only a debugger reads, and no symbol that
 * an old Node or an OpenSSL other than Node's would lack.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../io/programs.js';

const folder = join(root, 'prebuilds');
const NEWEST_GLIBC = 17; // 2.17
const LIBRARIES = /^((libc|libm|libdl|libpthread|ld-linux-(x86-64|aarch64))\.so\.\d|libc\.so)$/;
const NODES = /^(napi_|node_api_|uv_)/;
// Asked for if it is there.
const WEAK = /^(_ITM_\w+|__gmon_start__|__cxa_finalize|__pthread_key_create)$/;
const EXPORTS = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];
const WINDOWS = 'x86_64-w64-mingw32-objdump';
const APPLES = 'llvm-objdump'; // and llvm-nm, of the same package
const MUSL = '/usr/lib/x86_64-linux-musl';

const binutils = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8' }).split('\n');

interface Symbols {
  needed: string[];
  exported: string[];
  asked: string[];
}

function symbolsOf(file: string): Symbols {
  const names = (line: string) => line.trim().split(/\s+/).at(-1) as string;
  const dynamic = binutils('nm', '-D', file).filter((line) => line !== '');
  const isAsked = (line: string) => /^\s+[Uwv] /.test(line);
  return {
    needed: binutils('readelf', '-d', file).flatMap(
      (line) => /NEEDED.*\[(.+)\]/.exec(line)?.[1] ?? [],
    ),
    exported: dynamic.filter((line) => !isAsked(line)).map(names),
    asked: dynamic.filter(isAsked).map(names),
  };
}

function muslSymbols(): Set<string> {
  return new Set(
    binutils('nm', '-D', join(MUSL, 'libc.so')).map((line) => line.split(' ').at(-1) as string),
  );
}

const targets = existsSync(folder) ? readdirSync(folder) : [];
const isForWindows = (target: string) => target.startsWith('win32-');
const isForMac = (target: string) => target.startsWith('darwin-');
const isForLinux = (target: string) => target.startsWith('linux-');

describe('the prebuilds', () => {
  it('are there', function () {
    // `npm run prebuild` makes them; CI runs it for its own platform.
    if (targets.length === 0) this.skip();
    for (const target of targets) ok(existsSync(join(folder, target, 'index.cjs')), target);
  });

  for (const target of targets.filter(isForLinux)) {
    it(`of ${target} asks for nothing but an old C library and Node`, () => {
      const { needed, exported, asked } = symbolsOf(join(folder, target, 'uvio.node'));
      deepEqual(
        needed.filter((library) => !LIBRARIES.test(library)),
        [],
      );
      deepEqual(exported.sort(), EXPORTS);
      const own = target.endsWith('-musl') ? muslSymbols() : null;
      for (const symbol of asked.filter((one) => !NODES.test(one) && !WEAK.test(one))) {
        if (own !== null) {
          ok(own.has(symbol), symbol);
          continue;
        }
        const [, major, minor] = /@GLIBC_(\d+)\.(\d+)/.exec(symbol) ?? [];
        ok(major === '2' && Number(minor) <= NEWEST_GLIBC, symbol);
      }
    });

    it(`of ${target} is stripped`, () => {
      const sections = binutils('readelf', '-SW', join(folder, target, 'uvio.node')).join('\n');
      ok(!/\.symtab|\.debug_/.test(sections), sections);
    });
  }

  for (const target of targets.filter(isForWindows)) {
    it(`of ${target} asks for nothing but Windows and Node`, function () {
      if (spawnSync(WINDOWS, ['--version']).status !== 0) this.skip();
      const lines = binutils(WINDOWS, '-p', join(folder, target, 'uvio.node'));
      const named = (pattern: RegExp) => lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
      deepEqual(named(/DLL Name: (\S+)/).sort(), ['KERNEL32.dll', 'WS2_32.dll', 'msvcrt.dll']);
      deepEqual(named(/^\s*\[ *\d+\] ([a-z]\w+)$/), EXPORTS);
      const symbols = binutils(WINDOWS, '-t', join(folder, target, 'uvio.node')).join('\n');
      ok(/no symbols/.test(symbols), 'it is stripped');
    });
  }

  for (const target of targets.filter(isForMac)) {
    it(`of ${target} asks for nothing but macOS 11 and Node`, function () {
      if (spawnSync(APPLES, ['--version']).status !== 0) this.skip();
      const addon = join(folder, target, 'uvio.node');
      const commands = binutils(APPLES, '--macho', '--private-headers', addon).join('\n');
      const all = (pattern: RegExp) =>
        [...commands.matchAll(pattern)].map((found) => found[1] ?? '');
      // Xcode's clang takes the system's C++ library.
      const needed = all(/LC_LOAD_DYLIB\n.*\n +name (\S+)/g).filter(
        (one) => !/libc\+\+\.1/.test(one),
      );
      deepEqual(needed, ['/usr/lib/libSystem.B.dylib']);
      deepEqual(all(/platform macos\n(?:.*\n)? +minos (\S+)/g), ['11.0']);
      // Without one nothing is loaded on arm64.
      if (target === 'darwin-arm64') ok(commands.includes('LC_CODE_SIGNATURE'), 'it is signed');
      equal(all(/LC_ID_DYLIB\n.*\n +name (\S+)/g).filter((name) => name.startsWith('/')).length, 0);

      // "(undefined) external _uv_close (dynamically looked up)" or "… _read (from libSystem)"
      const asked = binutils('llvm-nm', '-m', '-u', addon).flatMap((line) => {
        const [, name, from] = / external _(\S+)(?: \(from (\S+)\))?/.exec(line) ?? [];
        return name === undefined || from !== undefined ? [] : [name];
      });
      ok(asked.length > 100, `${asked.length} names are asked of Node`);
      deepEqual(
        asked.filter((name) => !NODES.test(name)),
        [],
      );
      const exported = binutils(APPLES, '--macho', '--exports-trie', addon)
        .flatMap((line) => /^0x\S+ +_(\S+)/.exec(line)?.[1] ?? [])
        // The linker's own.
        .filter((name) => !/^_+(mh_dylib_header|dso_handle)$/.test(name));
      deepEqual(exported.sort(), EXPORTS);
    });
  }

  it('of linux-x64-musl is loaded by a program of musl', function () {
    const addon = join(folder, 'linux-x64-musl', 'uvio.node');
    if (!existsSync(addon) || !existsSync(join(MUSL, 'musl-gcc.specs'))) this.skip();
    const scratch = mkdtempSync(join(tmpdir(), 'uvio-musl-'));
    // What Node has, as functions that nobody calls.
    const stubs = symbolsOf(addon)
      .asked.filter((symbol) => NODES.test(symbol))
      .map((symbol) => `void ${symbol}(void) { __builtin_trap(); }`);
    const program = `
      #include <dlfcn.h>
      #include <stdio.h>
      ${stubs.join('\n')}
      int main(void) {
        void* addon = dlopen("${addon}", RTLD_NOW);
        if (!addon) return puts(dlerror()), 1;
        int (*version)(void) = dlsym(addon, "node_api_module_get_api_version_v1");
        printf("Node-API %d\\n", version());
      }`;
    try {
      writeFileSync(join(scratch, 'main.c'), program);
      const output = join(scratch, 'main');
      const flags = ['-w', '-specs', join(MUSL, 'musl-gcc.specs'), '-rdynamic'];
      execFileSync('gcc', [...flags, join(scratch, 'main.c'), '-o', output]);
      equal(execFileSync(output, { encoding: 'utf8' }), 'Node-API 9\n');
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
});
