/**
 * What the prebuilds of `npm run prebuild` ask of a system, read from their symbols.
 *
 * Guards: no glibc newer than 2.17, the C++ library inside, nothing exported but what Node looks for in an addon, nothing
 * left in it that only a debugger reads, and no symbol that an old Node or an OpenSSL other than Node's would lack.
 */

import { deepEqual, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../io/programs.js';

const folder = join(root, 'prebuilds');
const NEWEST_GLIBC = [2, 17];
const LIBRARIES = /^(libc|libm|libdl|libpthread|ld-linux-(x86-64|aarch64))\.so\.\d$/;

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

const targets = existsSync(folder) ? readdirSync(folder) : [];

describe('the prebuilds', () => {
  it('are there', function () {
    // `npm run prebuild` makes them; CI runs it for its own platform.
    if (targets.length === 0) this.skip();
    for (const target of targets) ok(existsSync(join(folder, target, 'index.cjs')), target);
  });

  for (const target of targets) {
    it(`of ${target} asks for nothing but an old C library and Node`, () => {
      const { needed, exported, asked } = symbolsOf(join(folder, target, 'uvio.node'));
      deepEqual(
        needed.filter((library) => !LIBRARIES.test(library)),
        [],
      );
      deepEqual(exported.sort(), ['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
      for (const symbol of asked) {
        const version = /@GLIBC_(\d+)\.(\d+)/.exec(symbol)?.slice(1).map(Number);
        if (version !== undefined) {
          const [major = 0, minor = 0] = version;
          ok(major === NEWEST_GLIBC[0] && minor <= (NEWEST_GLIBC[1] ?? 0), symbol);
        } else {
          ok(/^(napi_|node_api_|uv_|_ITM_|__gmon_start__$|__cxa_finalize$)/.test(symbol), symbol);
        }
      }
    });

    it(`of ${target} is stripped`, () => {
      const sections = binutils('readelf', '-SW', join(folder, target, 'uvio.node')).join('\n');
      ok(!/\.symtab|\.debug_/.test(sections), sections);
    });
  }
});
