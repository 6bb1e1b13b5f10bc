/**
 * Stacks as lists of frames: which of them are the library's is known wherever it is installed.
 *
 * Guards: a folder with a space or a bracket in its name, whose files are URLs in a stack, and with source maps paths.
 */

import { equal } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leavesNothingOpen } from '../support.js';

const built = fileURLToPath(new URL('../../src/', import.meta.url));

const program = `
  import { framesOf, takeStack } from './src/core/stacks.js';
  function user() { return takeStack(); }
  console.log(framesOf(user()).map((frame) => frame.functionName).join());`;

describe("the library's frames in a stack", () => {
  leavesNothingOpen();

  for (const name of ['plain', 'a space', 'a (bracket) and (another']) {
    for (const maps of ['no-enable', 'enable']) {
      it(`are left out in a folder called '${name}' with --${maps}-source-maps`, () => {
        const scratch = mkdtempSync(join(tmpdir(), 'uvio-'));
        try {
          const library = join(scratch, name, 'dist', 'src');
          for (const part of ['core', 'util']) {
            cpSync(join(built, part), join(library, part), { recursive: true });
          }
          writeFileSync(join(scratch, name, 'package.json'), '{"type":"module"}');
          const file = join(library, '..', 'program.js');
          writeFileSync(file, program);
          const flags = [`--${maps}-source-maps`];
          const output = execFileSync(process.execPath, [...flags, file], { encoding: 'utf8' });
          equal(output, 'user,<anonymous>\n');
        } finally {
          rmSync(scratch, { recursive: true });
        }
      });
    }
  }
});
