/**
 * The command line `uvio`: its arguments and exit codes.
 */

import { deepEqual, equal, match } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leavesNothingOpen } from '../support.js';
import { Program, Scratch, uvio } from './programs.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('the command line', () => {
  leavesNothingOpen();
  const scratch = new Scratch();
  after(() => scratch.remove());

  const wrong: [string[], string][] = [
    [[], 'a command is needed'],
    [['list'], "no command 'list'"],
    [['ps'], 'the PID of a process is needed'],
    [['ps', '12', '13'], "one argument too many: '13'"],
    [['ps', 'node'], "PID must be an integer from 1 to 2147483647, not 'node'"],
    [['ps', ''], "PID must be an integer from 1 to 2147483647, not ''"],
    [['ps', '0'], "PID must be an integer from 1 to 2147483647, not '0'"],
    [['ps', '1.5'], "PID must be an integer from 1 to 2147483647, not '1.5'"],
    [['ps', '12', '--interval', '1'], 'ps takes neither --interval nor --count'],
    [['pstree', '12', '--count', '1'], 'pstree takes neither --interval nor --count'],
    [['top', '12', '--interval', '0'], "--interval must be a number from 0.1 to 86400, not '0'"],
    [
      ['top', '12', '--count', 'many'],
      "--count must be an integer from 1 to 2147483647, not 'many'",
    ],
  ];
  for (const [words, complaint] of wrong) {
    it(`'uvio ${words.join(' ')}' is refused with usage and exit code 2`, async () => {
      const { code, output, errors } = await uvio(words, scratch.env);
      deepEqual([code, output], [2, '']);
      const [first, second] = errors.split('\n');
      equal(first, `uvio: ${complaint}`);
      equal(second, 'usage: uvio ps PID [--json]');
    });
  }

  it('an unknown option is refused the same way', async () => {
    const { code, errors } = await uvio(['ps', '12', '--colour'], scratch.env);
    equal(code, 2);
    match(errors, /^uvio: Unknown option '--colour'[\s\S]*\nusage: uvio ps PID/);
  });

  it('--help prints the usage and exits with 0', async () => {
    const { code, output, errors } = await uvio(['--help'], scratch.env);
    deepEqual([code, errors], [0, '']);
    match(output, /^usage: uvio ps PID/);
  });

  it('is the command of the package, and loads no addon', async () => {
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const command = join(root, bin.uvio);
    match(readFileSync(command, 'utf8'), /^#!\/usr\/bin\/env node\n/);
    const env = { ...scratch.env, UVIO_ADDON: join(scratch.path, 'none') };
    const { code, errors } = await new Program(
      process.execPath,
      [command, 'ps', String(process.pid)],
      {
        env,
      },
    ).ended;
    equal(code, 1);
    match(errors, /cannot be inspected/);
  });
});
