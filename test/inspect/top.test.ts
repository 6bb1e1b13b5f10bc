/**
 * `uvio top` and `uvio ps` on a real terminal, and `top` where there is none.
 *
 * Guards: the picture follows what the process does; keys, resizing, and the end of the process; the terminal is given
 * back. Terminals are tmux's.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { leavesNothingOpen } from '../support.js';
import { CLI, Program, Scratch, start, uvio } from './programs.js';
import { STAGE } from './stage.js';
import { hasTmux, Terminal } from './terminal.js';

// A watchdog, so that there are names of what was slow.
const WATCHED = STAGE.replace('const child =', 'loop.setWatchdog(100); const child =');

describe('uvio top', () => {
  leavesNothingOpen();
  let scratch: Scratch;
  let program: Program;
  let child: number;
  const terminals: Terminal[] = [];

  beforeEach(async () => {
    scratch = new Scratch();
    program = start(WATCHED, { env: { ...scratch.env, UVIO_INSPECT: '1' } });
    child = Number((await program.printed(/child (\d+)\n/))[1]);
    await scratch.serves(2);
  });
  afterEach(async () => {
    for (const terminal of terminals.splice(0)) terminal.close();
    const { signal } = await program.kill();
    if (signal === 'SIGKILL') process.kill(child, 'SIGKILL');
    scratch.remove();
  });

  const open = (...words: (string | number)[]) => {
    const terminal = new Terminal([process.execPath, CLI, ...words.map(String)], scratch.env);
    terminals.push(terminal);
    return terminal;
  };

  it('draws loops, tasks, connections and children, and again as they change', async function () {
    if (!hasTmux()) this.skip();
    const screen = open('top', program.pid, '--interval', 0.2);
    const picture = await screen.shows(/main thread, loop 1: busy \d+\.\d %, \d+ callbacks\/s/);
    const lines = picture.split('\n').map((line) => line.trim());
    ok(lines.includes('4 tasks (4 waiting), 2 connections, 1 server'), picture);
    ok(lines.includes(`1 child: ${child} sleep`), picture);
    ok(
      lines.some((line) => /^worker thread \d+, loop 1: busy/.test(line)),
      picture,
    );
    ok(
      lines.some((line) => /^branch +waiting +branch\(\)$/.test(line)),
      picture,
    );
    ok(
      lines.some((line) =>
        /^TcpTransport +Echo +127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +reading +0$/.test(line),
      ),
      picture,
    );
    process.kill(program.pid, 'SIGHUP');
    await screen.shows(
      /^SLOWEST +LONGEST +TIMES\n<whileBlocked\(\) at \S+> +[1-9]\d{2,}\.\d ms +1$/m,
    );
  });

  it('draws slow callbacks by name, as debug mode logs them, the slowest first', async function () {
    if (!hasTmux()) this.skip();
    const slow = start(
      `await run(async () => {
        const loop = getRunningLoop();
        loop.setDebug({ slowCallbacks: 150, inspect: true });
        for (const ms of [200, 250, 300]) loop.callSoon(function checksum() { spin(ms); });
        await createTask(async function report() { await sleep(1); spin(600); });
        loop.setDebug({ inspect: true });
        console.log('up');
        await sleep(1_000_000);
      });`,
      { env: scratch.env },
    );
    await slow.printed(/up/);
    await scratch.serves(3);
    const screen = open('top', slow.pid, '--interval', 0.2);
    const rows =
      /^SLOWEST +LONGEST +TIMES\nreport\(\) +[1-9]\d{2,}\.\d ms +1\nchecksum\(\) +[1-9]\d{2,}\.\d ms +3$/m;
    await screen.shows(rows);
    const { output } = await uvio(['ps', slow.pid, '--json'], scratch.env);
    const [{ slowest }] = JSON.parse(output).threads[0].loops;
    deepEqual(
      slowest.map(({ name, count }: { name: string; count: number }) => [name, count]),
      [
        ['report()', 1],
        ['checksum()', 3],
      ],
    );
    await slow.kill();
  });

  it('draws a blocked thread while it is blocked', async function () {
    if (!hasTmux()) this.skip();
    const screen = open('top', program.pid, '--interval', 0.2);
    await screen.shows(/main thread, loop 1/);
    process.kill(program.pid, 'SIGUSR2');
    await screen.shows(
      /^main thread is blocked in a callback of its loop, for \d+\.\d{3} seconds at least\n {2}at forEver /m,
    );
  });

  it('q gives the terminal back', async function () {
    if (!hasTmux()) this.skip();
    const screen = open('top', program.pid);
    await screen.shows(/main thread, loop 1/);
    screen.type('q');
    const after = await screen.shows(/ended with 0/);
    ok(!after.includes('main thread'), after);
  });

  it('fits its picture into a small terminal', async function () {
    if (!hasTmux()) this.skip();
    const screen = open('top', program.pid, '--interval', 0.2);
    await screen.shows(/branch/);
    screen.resize(40, 6);
    const small = await screen.shows(
      /^process \d+: node.{0,30}\n\nmain thread, loop 1: busy [\d.]+ %, \d+ call\w*\n/,
    );
    ok(!small.includes('branch'), small);
    ok(
      small.split('\n').every((line) => line.length <= 40),
      small,
    );
  });

  it('says that the process has ended, when it ends in the middle', async function () {
    if (!hasTmux()) this.skip();
    const screen = open('top', program.pid, '--interval', 0.2);
    await screen.shows(/main thread, loop 1/);
    process.kill(program.pid, 'SIGTERM');
    const after = await screen.shows(/ended with 0/);
    ok(after.includes(`process ${program.pid} has ended\nended with 0`), after);
    equal((await program.ended).code, 0);
  });

  it('says so of a killed process, too, where there is no terminal', async () => {
    const words = [CLI, 'top', String(program.pid), '--interval', '0.1'];
    const top = new Program(process.execPath, words, { env: scratch.env });
    await top.printed(/main thread, loop 1: busy \d/);
    await program.kill();
    const { code, output, errors } = await top.ended;
    deepEqual([code, errors], [0, `process ${program.pid} has ended\n`]);
    match(output, /main thread, loop 1: busy –/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there are to be none
    ok(!/\u001b/.test(output), 'escape sequences in a pipe');
  });

  it('--json gives one line for each picture, with rates from the second on', async () => {
    const { code, output } = await uvio(
      ['top', program.pid, '--json', '--count', 2, '--interval', 0.1],
      scratch.env,
    );
    equal(code, 0);
    const [first, second, ...rest] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    equal(rest.length, 0);
    deepEqual(first.rates[0], { threadId: 0, loop: 1, busy: null, callbacksPerSecond: null });
    ok(second.rates[0].busy >= 0 && second.rates[0].busy <= 1);
    ok(second.rates[0].callbacksPerSecond >= 0);
    deepEqual(second.children, [{ pid: child, command: 'sleep' }]);
  });

  it('ps draws its tables on a terminal as in a pipe', async function () {
    if (!hasTmux()) this.skip();
    const picture = await open('ps', program.pid).shows(/ended with 0/);
    match(picture, /^ {2}TASK +STATE +COROUTINE +WAITS FOR/m);
    match(picture, /^ {2}branch +waiting +branch\(\) +leaf a, leaf b/m);
    const tree = await open('pstree', program.pid).shows(/ended with 0/);
    match(tree, / {8}└── \(T\) branch\n {12}└── branch\(\) waiting\n {16}├── \(T\) leaf a/);
  });
});
