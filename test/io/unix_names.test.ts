/**
 * The names of unix sockets and their files, as in asyncio (Python 3.13 and later).
 *
 * Guards: a stale socket is replaced and nothing else is; the file goes with its server, unless it is
 * another's by then; permissions are set before anybody can connect; abstract names have no file; what
 * cannot be a name is refused by name.
 */

import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server as NodeServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type EventLoop, logger, setLogger } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { connectPeer, withFolder, withUnixServer } from './local_peers.js';
import { Echo, Recorder, withLoop } from './peers.js';

function withSockets(body: (loop: EventLoop, folder: string, path: string) => Promise<void>) {
  return withFolder((folder) => withLoop((loop) => body(loop, folder, join(folder, 'socket'))));
}

const serve = (loop: EventLoop, path: string | Buffer | URL, options?: object) =>
  loop.createUnixServer(() => new Echo(), path, options);

async function assertEchoes(path: string): Promise<void> {
  const peer = await connectPeer(path);
  equal(await peer.ask('hello'), 'hello');
  await peer.close();
}

describe('the file of a unix socket', () => {
  leavesNothingOpen();

  it('goes when the server is closed', async () => {
    await withSockets(async (loop, folder, path) => {
      const server = await serve(loop, path);
      ok(statSync(path).isSocket());
      server.close();
      deepEqual(readdirSync(folder), []);
      await server.waitClosed();
      await rejects(
        loop.createUnixConnection(() => new Echo(), path),
        {
          code: 'ENOENT',
          syscall: 'connect',
          address: path,
          message: `connect ENOENT: no such file or directory ${path}`,
        },
      );
    });
  });

  it('stays with cleanupSocket: false, and the next server replaces it', async () => {
    await withSockets(async (loop, _folder, path) => {
      const first = await serve(loop, path, { cleanupSocket: false });
      await first[Symbol.asyncDispose]();
      ok(statSync(path).isSocket());
      await rejects(
        loop.createUnixConnection(() => new Echo(), path),
        { code: 'ECONNREFUSED' },
      );
      const second = await serve(loop, path);
      await assertEchoes(path);
      await second[Symbol.asyncDispose]();
      equal(existsSync(path), false);
    });
  });

  it('of a server that another has replaced is left to the other', async () => {
    await withSockets(async (loop, _folder, path) => {
      const first = await serve(loop, path);
      const second = await serve(loop, path);
      first.close();
      await assertEchoes(path);
      second.close();
      equal(existsSync(path), false);
    });
  });

  it('that was moved away or removed is no trouble', async () => {
    await withSockets(async (loop, _folder, path) => {
      const server = await serve(loop, path);
      renameSync(path, `${path}.moved`);
      writeFileSync(path, 'not a socket');
      await assertEchoes(`${path}.moved`);
      server.close();
      ok(statSync(path).isFile());
      ok(statSync(`${path}.moved`).isSocket());
    });
  });

  it('is not made where a file or a directory is', async () => {
    await withSockets(async (loop, folder, path) => {
      writeFileSync(path, 'precious');
      mkdirSync(join(folder, 'directory'));
      for (const place of [path, join(folder, 'directory')]) {
        const message = `listen EADDRINUSE: address already in use ${place}`;
        await rejects(serve(loop, place), { code: 'EADDRINUSE', address: place, message });
      }
      ok(statSync(path).isFile());
      const missing = join(folder, 'missing', 'socket');
      await rejects(serve(loop, missing), { code: 'ENOENT', syscall: 'listen', address: missing });
    });
  });

  it('that cannot be checked is told to the log, and binding decides', async () => {
    const told: string[] = [];
    const quiet = () => {};
    setLogger({ debug: quiet, info: quiet, warn: quiet, error: (text) => told.push(text) });
    try {
      await withSockets(async (loop, _folder, path) => {
        writeFileSync(path, '');
        await rejects(serve(loop, join(path, 'socket')), { code: 'ENOTDIR' });
      });
    } finally {
      setLogger(logger);
    }
    equal(told.length, 1);
    ok(told[0]?.startsWith('Unable to check or remove stale UNIX socket'), told[0]);
  });

  it('has the mode that is asked for', async () => {
    await withSockets(async (loop, _folder, path) => {
      for (const mode of [0o600, 0o660, 0o777]) {
        const server = await serve(loop, path, { mode });
        equal(statSync(path).mode & 0o777, mode);
        server.close();
      }
    });
  });

  it('is there before startServing(), and refuses connections', async () => {
    await withSockets(async (loop, _folder, path) => {
      const server = await serve(loop, path, { startServing: false, mode: 0o600 });
      equal(server.isServing(), false);
      await rejects(
        loop.createUnixConnection(() => new Echo(), path),
        { code: 'ECONNREFUSED' },
      );
      await server.startServing();
      await assertEchoes(path);
      server.close();
    });
  });

  it('stays when the loop is closed under the server, which may still be closed', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'socket');
      const server = await withLoop((loop) => serve(loop, path));
      ok(existsSync(path));
      server.close();
      equal(existsSync(path), false);
    });
  });
});

describe('the name of a unix socket', () => {
  leavesNothingOpen();

  it('may be a string, a Buffer or a file: URL', async () => {
    await withSockets(async (loop, _folder, path) => {
      for (const name of [path, Buffer.from(path), pathToFileURL(path)]) {
        const server = await serve(loop, name);
        const client = new Recorder();
        const [transport] = await loop.createUnixConnection(() => client, name);
        transport.write('hello');
        await client.inbox.has(5);
        equal(transport.getExtraInfo('peername'), path);
        transport.close();
        await client.lost;
        await server[Symbol.asyncDispose]();
      }
    });
  });

  it('may be abstract on Linux: no file, free again at once', async function () {
    if (process.platform !== 'linux') this.skip();
    const name = `\0uvio-test-${process.pid}`;
    await withLoop(async (loop) => {
      for (let round = 0; round < 2; round++) {
        const server = await serve(loop, name);
        deepEqual(
          server.sockets.map((socket) => socket.getsockname()),
          [name],
        );
        await rejects(serve(loop, name), { code: 'EADDRINUSE', address: name });
        const client = new Recorder();
        const [transport] = await loop.createUnixConnection(() => client, name);
        equal(transport.getExtraInfo('peername'), name);
        transport.write('hello');
        await client.inbox.has(5);
        transport.close();
        await client.lost;
        await server[Symbol.asyncDispose]();
      }
      await rejects(
        loop.createUnixConnection(() => new Echo(), name),
        { code: 'ECONNREFUSED' },
      );
    });
  });

  it('may be as long as the system takes it, and not longer', async () => {
    await withSockets(async (loop, folder) => {
      const longest = process.platform === 'linux' ? 107 : 103;
      const exact = join(folder, 'x'.repeat(longest - folder.length - 1));
      equal(Buffer.byteLength(exact), longest);
      const server = await serve(loop, exact);
      deepEqual(
        server.sockets.map((socket) => socket.getsockname()),
        [exact],
      );
      await assertEchoes(exact);
      server.close();
      const expected = {
        code: 'ERR_OUT_OF_RANGE',
        message: new RegExp(
          `^path must be at most ${longest} bytes long \\(it has ${longest + 1}\\)`,
        ),
      };
      throws(() => serve(loop, `${exact}x`), expected);
      throws(() => loop.createUnixConnection(() => new Echo(), `${exact}x`), expected);
    });
  });

  it('and the other arguments are checked at the call', async () => {
    await withLoop(async (loop) => {
      for (const path of [7, {}, ['x']] as never[]) {
        throws(
          () => serve(loop, path),
          /^TypeError: path must be a string, a Buffer or a file: URL/,
        );
        throws(() => loop.createUnixConnection(() => new Echo(), path), TypeError);
      }
      for (const path of [undefined, null] as never[]) {
        throws(() => serve(loop, path), /no path and sock were specified/);
        throws(() => serve(loop, 'x', { sock: 1 }), /path and sock can not be specified/);
      }
      throws(() => serve(loop, ''), /path must be a name that is not empty/);
      throws(() => serve(loop, 'a\0b'), /path must be a path without zero bytes/);
      throws(() => serve(loop, new URL('http://localhost/x')), { code: 'ERR_INVALID_URL_SCHEME' });
      throws(() => serve(loop, 'x', { mode: -1 }), RangeError);
      throws(() => serve(loop, '\0x', { mode: 0o600 }), /mode must be undefined/);
      throws(() => serve(loop, 'x', { backlog: 0 }), RangeError);
      throws(() => serve(loop, 'x', { cleanupSocket: 1 }), TypeError);
      throws(() => serve(loop, 'x', { startServing: 1 }), TypeError);
      throws(() => serve(loop, 'x', { signal: 1 }), TypeError);
      throws(() => loop.createUnixServer(7 as never, 'x'), TypeError);
      equal(existsSync('x'), false);
    });
  });

  it('is free again in Node after a server of ours, and the other way round', async () => {
    await withUnixServer(
      () => new Echo(),
      async ({ loop, server, path }) => {
        await server[Symbol.asyncDispose]();
        const node: NodeServer = createServer((socket) => socket.end());
        await new Promise<void>((resolve) => node.listen(path, resolve));
        const socket = connect(path);
        await new Promise((resolve) => socket.resume().once('close', resolve));
        await new Promise((resolve) => node.close(resolve));
        const again = await serve(loop, path);
        await assertEchoes(path);
        again.close();
      },
    );
  });
});
