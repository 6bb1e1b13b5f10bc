/**
 * Who may look: the directory of the sockets, its owner and mode, and other users.
 *
 * Guards: the directory is 0700 and the socket 0600; a link, a file, another's directory or one open to others is
 * refused by both sides, and the program goes on; another user's process is refused, by root too.
 */

import { deepEqual, equal, match } from 'node:assert/strict';
import { chmodSync, chownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { leavesNothingOpen } from '../support.js';
import { CLI, Program, runToEnd, Scratch, start, uvio } from './programs.js';

const UP = `await run(async () => { console.log('up'); await sleep(1_000_000); });`;
const BRIEF = `await run(() => sleep(3000));`;
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

describe('who may inspect', () => {
  leavesNothingOpen();
  let scratch: Scratch;
  let directory: string;
  beforeEach(() => {
    scratch = new Scratch();
    directory = join(scratch.path, 'uvio');
  });
  afterEach(() => scratch.remove());

  const inspectable = () => ({ env: { ...scratch.env, UVIO_INSPECT: '1' } });

  it('the directory is of mode 0700, the socket 0600, whatever the umask', async () => {
    const program = start(`process.umask(0); ${UP}`, inspectable());
    await program.printed(/up/);
    await scratch.serves(1);
    equal((await uvio(['ps', program.pid], scratch.env)).code, 0);
    equal(lstatSync(directory).mode & 0o777, 0o700);
    const socket = lstatSync(join(directory, `${program.pid}-0.sock`));
    deepEqual([socket.isSocket(), socket.mode & 0o777], [true, 0o600]);
    await program.kill();
  });

  it('without XDG_RUNTIME_DIR it is in the directory for temporary files, with the user in its name', async () => {
    const env = { TMPDIR: scratch.path, XDG_RUNTIME_DIR: undefined };
    const program = start(UP, { env: { ...env, UVIO_INSPECT: '1' } });
    await program.printed(/up/);
    let answer = await uvio(['ps', program.pid], env);
    while (answer.code !== 0) answer = await uvio(['ps', program.pid], env);
    const place = join(scratch.path, `uvio-${process.getuid?.()}`, `${program.pid}-0.sock`);
    equal(lstatSync(place).isSocket(), true);
    await program.kill();
  });

  /** Both sides refuse the directory for that reason; the program runs all the same. */
  async function assertRefused(reason: RegExp): Promise<void> {
    const { code, errors } = await runToEnd(BRIEF, inspectable());
    equal(code, 0);
    match(errors, new RegExp(`^the process cannot be inspected: ${reason.source}\n$`));
    const asked = await uvio(['ps', process.pid], scratch.env);
    equal(asked.code, 1);
    match(asked.errors, new RegExp(`^uvio: ${reason.source}\n$`));
  }

  it('a directory that is open to others is refused', async () => {
    mkdirSync(directory);
    chmodSync(directory, 0o750);
    await assertRefused(/\S+ is open to others \(mode 750\)/);
  });

  it('a link to a directory is refused', async () => {
    mkdirSync(join(scratch.path, 'elsewhere'), { mode: 0o700 });
    symlinkSync(join(scratch.path, 'elsewhere'), directory);
    await assertRefused(/\S+ is no directory/);
  });

  it('a file is refused', async () => {
    writeFileSync(directory, '');
    await assertRefused(/\S+ is no directory/);
  });

  it("another user's directory is refused", async function () {
    if (!isRoot) this.skip();
    mkdirSync(directory, { mode: 0o700 });
    chownSync(directory, NOBODY, NOBODY);
    await assertRefused(/\S+ belongs to another user \(65534\)/);
  });

  it("another user's process is refused, by root as well as by others", async function () {
    if (!isRoot) this.skip();
    // What nobody's process and nobody's command need.
    const env = { TMPDIR: '/tmp', XDG_RUNTIME_DIR: undefined };
    const theirs = start(UP, { env: { ...env, UVIO_INSPECT: '1' }, uid: NOBODY });
    await theirs.printed(/up/);
    const ours = start(UP, { env: { ...env, UVIO_INSPECT: '1' } });
    await ours.printed(/up/);
    const refused = await uvio(['ps', theirs.pid], env);
    equal(refused.code, 1);
    match(refused.errors, /^uvio: process \d+ belongs to another user \(65534, not 0\)\n$/);
    const command = [CLI, 'ps', String(ours.pid)];
    const byOther = await new Program(process.execPath, command, { env, uid: NOBODY }).ended;
    equal(byOther.code, 1);
    match(byOther.errors, /^uvio: process \d+ belongs to another user \(0, not 65534\)\n$/);
    // By its own user it is answered.
    const own = [CLI, 'ps', String(theirs.pid)];
    let answer = await new Program(process.execPath, own, { env, uid: NOBODY }).ended;
    while (answer.code !== 0)
      answer = await new Program(process.execPath, own, { env, uid: NOBODY }).ended;
    match(answer.output, /main thread, loop 1: running, 1 task/);
    await theirs.kill();
    await ours.kill();
    // The next command of the user removes the killed process's socket.
    await new Program(process.execPath, own, { env, uid: NOBODY }).ended;
    await uvio(['ps', ours.pid], env);
  });

  it('a socket of that name that nobody serves is no answer', async () => {
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(join(directory, `${process.pid}-0.sock`), '');
    const { code, errors } = await uvio(['ps', process.pid], scratch.env);
    equal(code, 1);
    match(errors, /^uvio: \S+ is no socket\n$/);
  });

  it('who speaks another language over the socket is answered with an error and cut off', async () => {
    const program = start(UP, inspectable());
    await program.printed(/up/);
    await scratch.serves(1);
    const socket = createConnection(join(directory, `${program.pid}-0.sock`));
    socket.write('GET / HTTP/1.1\r\n\r\n');
    let text = '';
    for await (const part of socket) text += part;
    deepEqual(JSON.parse(text.split('\n')[0] as string), {
      error: "unknown request 'GET / HTTP/1.1'",
    });
    // One that leaves in the middle harms nobody.
    const leaving = createConnection(join(directory, `${program.pid}-0.sock`));
    leaving.write('snapshot\n', () => leaving.destroy());
    equal((await uvio(['ps', program.pid], scratch.env)).code, 0);
    await program.kill();
  });

  it('an answer of another kind is told as such', async () => {
    mkdirSync(directory, { mode: 0o700 });
    for (const line of ['{"error":"unknown request"}\n', 'hello\n', 'null\n']) {
      const server = createServer((socket) => socket.resume().end(line));
      const path = join(directory, `${process.pid}-0.sock`);
      await new Promise<void>((resolve) => server.listen(path, resolve));
      const { code, errors } = await uvio(['ps', process.pid], scratch.env);
      equal(code, 1);
      match(errors, /^uvio: process \d+ gives no answer that this version of uvio knows\n$/);
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('names from the process cannot write to the terminal', async () => {
    const program = start(
      `await run(async () => { createTask(() => sleep(1_000_000), { name: 'a\\u001b[31mred\\nline' }); console.log('up'); await sleep(1_000_000); });`,
      inspectable(),
    );
    await program.printed(/up/);
    await scratch.serves(1);
    for (const command of ['ps', 'pstree']) {
      const { output } = await uvio([command, program.pid], scratch.env);
      match(output, /a\?\[31mred\?line/);
    }
    await program.kill();
  });

  it('a path too long for a socket is left for the next directory', async () => {
    const long = join(scratch.path, 'x'.repeat(100));
    mkdirSync(long);
    const env = { XDG_RUNTIME_DIR: long, TMPDIR: scratch.path };
    const program = start(UP, { env: { ...env, UVIO_INSPECT: '1' } });
    await program.printed(/up/);
    let answer = await uvio(['ps', program.pid], env);
    while (answer.code !== 0) answer = await uvio(['ps', program.pid], env);
    match(answer.output, /main thread, loop 1/);
    await program.kill();
  });
});
