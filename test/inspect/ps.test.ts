/**
 * `uvio ps` and `uvio pstree`, asked of processes that are well, blocked, ending, gone, or not to be asked.
 *
 * Guards: what they print is what the process does; a blocked thread is told as blocked, with its stack; exit codes; the
 * socket is gone with the process.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { leavesNothingOpen } from '../support.js';
import { type Program, runToEnd, Scratch, start, uvio } from './programs.js';
import { STAGE } from './stage.js';

describe('uvio ps and pstree', () => {
  leavesNothingOpen();
  let scratch: Scratch;
  let program: Program;
  let port: string;
  let child: number | null = null;

  const begin = async (env: NodeJS.ProcessEnv = {}) => {
    program = start(STAGE, { env: { ...scratch.env, UVIO_INSPECT: '1', ...env } });
    const found = await program.printed(/port (\d+) child (\d+)\n/);
    port = found[1] as string;
    child = Number(found[2]);
    await scratch.serves(2);
  };
  const ask = (...words: (string | number)[]) => uvio(words, scratch.env);

  beforeEach(() => {
    scratch = new Scratch();
  });
  afterEach(async () => {
    await program?.kill();
    // A killed process leaves its child.
    if (child !== null) process.kill(child, 'SIGKILL');
    child = null;
    scratch.remove();
  });

  it('ps shows threads, loops, tasks, servers, connections and children', async () => {
    await begin();
    const { code, output, errors } = await ask('ps', program.pid);
    deepEqual([code, errors], [0, '']);
    const lines = output.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '));
    match(
      lines[0] as string,
      new RegExp(`^process ${program.pid}: node.*, Node v\\d+\\S+, up \\d`),
    );
    const has = (...wanted: string[]) => {
      for (const line of wanted) ok(lines.includes(line), `${line}\n${output}`);
    };
    has('main thread, loop 1: running, 4 tasks (4 waiting)', 'open: 3 tcp, 2 signal');
    has(`server on 127.0.0.1:${port}`);
    has('branch | waiting | branch() | leaf a, leaf b', 'Task-1 | waiting | main() | branch');
    has('leaf a | waiting | leaf() | <Future pending>');
    ok(
      lines.some((line) => line.startsWith(`TcpTransport | Echo | 127.0.0.1:${port} | 127.0.0.1:`)),
    );
    ok(
      lines.some((line) => /^worker thread \d+, loop 1: running, 1 task \(1 waiting\)$/.test(line)),
    );
    has(`${child} | sleep`);
  });

  it('ps --json gives the same as data', async () => {
    await begin();
    const { code, output } = await ask('ps', program.pid, '--json');
    equal(code, 0);
    const { pid, children, threads } = JSON.parse(output);
    deepEqual([pid, children], [program.pid, [{ pid: child, command: 'sleep' }]]);
    deepEqual(
      threads.map(({ state, isMainThread }: Record<string, unknown>) => [state, isMainThread]),
      [
        ['responding', true],
        ['responding', false],
      ],
    );
    const [loop] = threads[0].loops;
    deepEqual(loop.servers, [{ address: `127.0.0.1:${port}` }]);
    deepEqual(loop.handles, { tcp: 3, signal: 2 });
    equal(loop.connectionCount, 2);
    const branch = loop.tasks.find(({ name }: { name: string }) => name === 'branch');
    deepEqual(
      branch.awaits.map(
        (id: number) => loop.tasks.find((task: { id: number }) => task.id === id).name,
      ),
      ['leaf a', 'leaf b'],
    );
    ok(loop.metrics.callbacks.count > 0);
  });

  it('ps says in debug mode where what stands nowhere was made', async () => {
    program = start(
      `await run(async function main() {
        const loop = getRunningLoop();
        createTask(async function foreign() { await new Promise(() => {}); }, { name: 'foreign' });
        await sleep(1);
        console.log('up');
        await sleep(1_000_000);
      }, { debug: true });`,
      { env: scratch.env },
    );
    await program.printed(/up/);
    await scratch.serves(1);
    const { output } = await ask('ps', program.pid);
    match(output, /^ +foreign +ready +foreign\(\) +created at \S+:\d+$/m);
    match(output, /^ +Task-1 +waiting +main\(\) +<Future pending .*> +\S+:\d+$/m);
    const [loop] = JSON.parse((await ask('ps', program.pid, '--json')).output).threads[0].loops;
    const places = loop.tasks.map(({ created }: { created: string }) => /:(\d+)$/.exec(created));
    // foreign() is made in the third line of the body, main() by the first.
    equal(places[1][1] - places[0][1], 2);
  });

  it('pstree draws who waits for whom, with the places in debug mode', async () => {
    await begin({ STAGE_DEBUG: '1' });
    const { code, output } = await ask('pstree', program.pid);
    equal(code, 0);
    const tree = output.split('\n').slice(2, 12);
    deepEqual(
      tree.map((line) => line.replace(/ (?:file:)?\S+:\d+:\d+$/, ' place')),
      [
        'main thread, loop 1: 4 tasks (4 waiting)',
        '└── (T) Task-1',
        '    └── main place',
        '        └── (T) branch',
        '            └── branch place',
        '                ├── (T) leaf a',
        '                │   └── leaf place',
        '                └── (T) leaf b',
        '                    └── leaf place',
        '',
      ],
    );
    const json = JSON.parse((await ask('pstree', program.pid, '--json')).output);
    const [root] = json.threads[0].loops[0];
    equal(root.name, 'Task-1');
    equal(root.awaits[0].awaits[1].name, 'leaf b');
    match(root.stack[0], /^main \S+:\d+:\d+$/);
  });

  it('pstree has the coroutines where places are not known', async () => {
    await begin();
    const { output } = await ask('pstree', program.pid);
    ok(output.includes('└── (T) Task-1\n    └── main() waiting\n        └── (T) branch\n'), output);
  });

  it('a blocked process is said to be blocked, with its stack, by all three', async () => {
    await begin();
    process.kill(program.pid, 'SIGUSR2');
    const blocked =
      /^main thread is blocked in a callback of its loop, for \d+\.\d{3} seconds at least\n {2}at forEver \(.*:\d+:\d+\)$/m;
    // The first may come before the signal does.
    let first = await ask('ps', program.pid);
    while (/main thread, loop 1/.test(first.output)) first = await ask('ps', program.pid);
    match(first.output, /^process \d+: node.*, Node v\d/);
    match(first.output, blocked);
    // The other threads are told of as ever.
    match(first.output, /^worker thread \d+, loop 1: running, 1 task/m);
    const [tree, picture] = await Promise.all([
      ask('pstree', program.pid),
      ask('top', program.pid, '--count', 1),
    ]);
    match(tree.output, blocked);
    match(picture.output, blocked);
    deepEqual([first.code, tree.code, picture.code], [0, 0, 0]);
    const { threads } = JSON.parse((await ask('ps', program.pid, '--json')).output);
    equal(threads[0].state, 'blocked');
    equal(threads[0].stack[0].functionName, 'forEver');
  });

  it('a process blocked outside of its loops is told so', async () => {
    program = start(
      `newEventLoop(); setTimeout(() => { console.log('blocks'); for (;;); }, 500);`,
      { env: { ...scratch.env, UVIO_INSPECT: '1' } },
    );
    await program.printed(/blocks/);
    await scratch.serves(1);
    const { output } = await ask('ps', program.pid);
    match(
      output,
      /^main thread is blocked outside of the callbacks of its loops, for \d+\.\d{3} seconds at least\n {2}at /m,
    );
  });

  it('two may ask at a time, and two processes do not mix', async () => {
    await begin();
    const other = start(`await run(async () => { console.log('up'); await sleep(1_000_000); });`, {
      env: { ...scratch.env, UVIO_INSPECT: '1' },
    });
    await other.printed(/up/);
    await scratch.serves(3);
    const answers = await Promise.all([
      ask('ps', program.pid),
      ask('ps', other.pid),
      ask('pstree', program.pid),
    ]);
    deepEqual(
      answers.map(({ code }) => code),
      [0, 0, 0],
    );
    ok(answers[0].output.includes('branch') && answers[2].output.includes('branch'));
    ok(!answers[1].output.includes('branch'), answers[1].output);
    await other.kill();
  });

  it('a process that ends in order takes its socket with it', async () => {
    program = start(
      `process.once('SIGUSR2', () => process.exit(0));
      await run(async () => { console.log('up'); await sleep(1_000_000); });`,
      {
        env: { ...scratch.env, UVIO_INSPECT: '1' },
      },
    );
    await program.printed(/up/);
    await scratch.serves(1);
    equal((await ask('ps', program.pid)).code, 0);
    equal((await program.kill('SIGUSR2')).code, 0);
    deepEqual(readdirSync(join(scratch.path, 'uvio')), []);
    const { code, errors } = await ask('ps', program.pid);
    deepEqual([code, errors], [1, `uvio: there is no process ${program.pid}\n`]);
  });

  it('the socket of a killed process is removed by whoever comes next', async () => {
    await begin();
    await program.kill();
    const place = join(scratch.path, 'uvio', `${program.pid}-0.sock`);
    ok(existsSync(place));
    equal((await ask('ps', process.pid)).code, 1);
    ok(!existsSync(place));
  });

  it('without UVIO_INSPECT there is no socket, and ps says so', async () => {
    const { code } = await runToEnd('await run(() => sleep(1));', { env: scratch.env });
    equal(code, 0);
    deepEqual(readdirSync(scratch.path), []);
    const { code: refused, errors } = await ask('ps', process.pid);
    equal(refused, 1);
    match(errors, /^uvio: process \d+ cannot be inspected: it was not started with UVIO_INSPECT=1/);
  });

  it('a program that throws when it is asked goes on, and ps says so', async () => {
    program = start(
      `await run(async () => {
        const task = createTask(() => sleep(1_000_000));
        task.getName = () => { throw new Error('no name'); };
        console.log('up');
        const end = sleep(1_000_000);
        process.once('SIGUSR2', () => end.cancel());
        await end.catch(() => console.log('goes on'));
        task.cancel();
      });`,
      { env: { ...scratch.env, UVIO_INSPECT: '1' } },
    );
    await program.printed(/up/);
    await scratch.serves(1);
    for (const command of ['ps', 'pstree']) {
      const { code, output } = await ask(command, program.pid);
      equal(code, 0);
      match(output, /^main thread failed to answer: Error\('no name'\)$/m);
    }
    const { code, output } = await program.kill('SIGUSR2');
    deepEqual([code, output], [0, 'up\ngoes on\n']);
  });

  it('a stopped process does not answer, and ps says why', async () => {
    await begin();
    process.kill(program.pid, 'SIGSTOP');
    const { code, errors } = await ask('ps', program.pid);
    process.kill(program.pid, 'SIGCONT');
    deepEqual([code, errors], [1, `uvio: process ${program.pid} does not answer: it is stopped\n`]);
  });
});
