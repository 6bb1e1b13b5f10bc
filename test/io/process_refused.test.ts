/**
 * Starts of programs under a kernel, or in a sandbox, that refuses some system call: what older ones lack, and what
 * happens when processes or memory run out.
 *
 * strace has the calls fail, in a process of their own. Guards: what uvio can do without is done in another way, and the
 * rest is an error with its code; nothing is left of a start that failed.
 */

import { spawnSync } from 'node:child_process';
import {
  assertPrinted,
  type Modules,
  refusing,
  runCommand,
  runProcess,
  sourceOf,
} from './programs.js';

const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

/** Starts two programs, and prints how that failed and what was left. */
async function failTwice(
  { newEventLoop }: typeof import('uvio'),
  { fs, runProgram, children }: Modules,
): Promise<void> {
  const loop = newEventLoop();
  const isOpen = () => fs.readdirSync('/proc/self/fd').length;
  let before = 0;
  for (const program of ['true', 'echo']) {
    const error = await runProgram(loop, program).then(
      () => 'it has started',
      ({ code, syscall }: NodeJS.ErrnoException) => `${code} ${syscall}`,
    );
    const left = isOpen() - before;
    console.log(error, children().length, before === 0 ? 'first' : left);
    before = isOpen();
  }
  loop.close();
}

describe('a start of which a system call is refused', () => {
  before(function () {
    if (!hasStrace) this.skip();
  });

  for (const code of ['EAGAIN', 'ENOMEM']) {
    it(`fails with ${code} when there are no more processes or no memory`, async () => {
      // The threads of glibc come from clone3().
      const outcome = await runProcess(failTwice, { refused: { call: 'clone', error: code } });
      assertPrinted(outcome, `${code} fork 0 first`, `${code} fork 0 0`);
    });
  }

  it('fails with ENOSYS where children cannot be waited for', async () => {
    const outcome = await runProcess(failTwice, { refused: { call: 'waitid', error: 'ENOSYS' } });
    assertPrinted(outcome, 'ENOSYS spawn true 0 first', 'ENOSYS spawn echo 0 0');
  });

  it('closes what the program shall not have, though it cannot be closed at once', async () => {
    const source = sourceOf(async ({ newEventLoop, DEVNULL }, { runShell }) => {
      const loop = newEventLoop();
      const fds = { 5: DEVNULL };
      const list = async (closeFds: boolean) =>
        (await runShell(loop, 'ls /proc/$$/fd', { fds, closeFds })).stdout.trim().split('\n');
      console.log((await list(true)).join(' '));
      // strace has left one as well.
      console.log((await list(false)).includes('40'));
      loop.close();
    }, null);
    // Node makes the lowest ones close-on-exec when it begins.
    const script =
      'import os, sys; os.dup2(os.open("/dev/null", os.O_RDONLY), 40); os.execvp(sys.argv[1], sys.argv[1:])';
    const strace = ['strace', ...refusing('close_range', 'ENOSYS')];
    const words = ['-c', script, ...strace, process.execPath, '--eval', source];
    assertPrinted(await runCommand('python3', words), '0 1 2 5', 'true');
  });
});
