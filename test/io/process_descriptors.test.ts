/**
 * The descriptors of a child.
 *
 * Guards: it has those that it was given, under the numbers that were asked for, in whatever order they lie in this
 * process, and no others.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PIPE, type ProcessOptions } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withFolder } from './local_peers.js';
import { withLoop } from './peers.js';
import { runProgram, runShell, startsPrograms } from './process_peers.js';
import { assertPrinted, runCommand, sourceOf } from './programs.js';

/** The descriptors of a child, without the one that it lists them with. */
async function descriptors(options: ProcessOptions = {}): Promise<number[]> {
  const script =
    'import os\nfor n in range(9000):\n try:\n  os.fstat(n); print(n)\n except OSError: pass';
  const { stdout } = await withLoop((loop) => runProgram(loop, 'python3', ['-c', script], options));
  return stdout.trim().split('\n').map(Number);
}

describe('a child process', () => {
  startsPrograms();
  leavesNothingOpen();

  it('has no descriptors but its own', async () => {
    const leaked = [openSync('/dev/null', 'r'), openSync('/dev/null', 'w')];
    deepEqual(await descriptors(), [0, 1, 2]);
    const [first] = leaked as [number, number];
    deepEqual(await descriptors({ passFds: [first] }), [0, 1, 2, first]);
    deepEqual(
      await descriptors({ fds: { 3: first, 7: PIPE, 5: '/dev/null' } }),
      [0, 1, 2, 3, 5, 7],
    );
    deepEqual(await descriptors({ fds: { 700: first } }), [0, 1, 2, 700]);
    for (const descriptor of leaked) closeSync(descriptor);
  });

  it('has descriptors that this process has by inheritance only when it is asked to', async () => {
    const source = sourceOf(async ({ newEventLoop }, { runShell: run }) => {
      const loop = newEventLoop();
      const script = 'test -e /proc/self/fd/40 && echo open || echo closed';
      for (const closeFds of [true, false]) {
        process.stdout.write((await run(loop, script, { closeFds })).stdout);
      }
      loop.close();
    }, null);
    // Node makes the lowest ones close-on-exec when it begins.
    const script =
      'import os, sys; os.dup2(os.open("/dev/null", os.O_RDONLY), 40); os.execv(sys.argv[1], sys.argv[1:])';
    const node = [process.execPath, '--eval', source];
    const outcome = await runCommand('python3', ['-c', script, ...node]);
    assertPrinted(outcome, 'closed', 'open');
  });

  it('has descriptors that lie in the way of each other', () =>
    withFolder((folder) =>
      withLoop(async (loop) => {
        const files = ['a', 'b', 'c'].map((name) => {
          writeFileSync(join(folder, name), name);
          return openSync(join(folder, name), 'r');
        }) as [number, number, number];
        const [a, b, c] = files;
        const script = `cat ${[a, b, c].map((file) => `/proc/self/fd/${file}`).join(' ')}; cat`;
        // Each in another's place, and the last one twice.
        const fds = { [a]: b, [b]: c, [c]: a };
        const { stdout } = await runShell(loop, script, { fds, stdin: c });
        equal(stdout, 'bcac');
        for (const file of files) closeSync(file);
      }),
    ));

  it('reads and writes files', () =>
    withFolder((folder) =>
      withLoop(async (loop) => {
        const [input, output] = [join(folder, 'input'), join(folder, 'output')];
        writeFileSync(input, 'in the file');
        await runProgram(loop, 'cat', [], { stdin: input, stdout: output });
        equal(readFileSync(output, 'utf8'), 'in the file');
        await runProgram(loop, 'echo', ['x'], { stdout: pathToFileURL(output) });
        equal(readFileSync(output, 'utf8'), 'x\n');
        const appended = { path: output, flags: 'a' };
        await runShell(loop, 'echo y; echo z >&2', { stdout: appended, stderr: appended });
        equal(readFileSync(output, 'utf8'), 'x\ny\nz\n');
        const own = openSync(input, 'r');
        const reading = runProgram(loop, 'cat', [], { stdin: own });
        // The child has a duplicate.
        closeSync(own);
        equal((await reading).stdout, 'in the file');
      }),
    ));

  it('inherits the streams of this process', async () => {
    const outside = await withLoop((loop) =>
      runProgram(loop, 'readlink', ['/proc/self/fd/2'], { stderr: 'inherit' }),
    );
    equal(outside.stdout, (await readlink('/proc/self/fd/2')).concat('\n'));
  });
});
