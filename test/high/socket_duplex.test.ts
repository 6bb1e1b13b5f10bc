/**
 * What a stream of toDuplex() has besides the stream: a net.Socket's members, as http, ws, pg and ioredis use them.
 *
 * Guards: they say and do what those of a net.Socket do; a timer of a stream that is gone is gone as well.
 */

import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openUnixConnection, sleep, startUnixServer, toDuplex } from 'uvio';
import { assertPrinted, runProcess } from '../io/programs.js';
import { leavesNothingOpen } from '../support.js';
import { closed, eventsOf, withConnection } from './duplex_support.js';
import { inTask } from './stream_support.js';

describe('a stream of toDuplex() as a socket', () => {
  leavesNothingOpen();

  it('knows its addresses and its state', () =>
    withConnection(async ({ peer, pair }) => {
      const duplex = toDuplex(pair);
      const local = { address: '127.0.0.1', port: peer.socket.remotePort, family: 'IPv4' };
      deepEqual(
        [duplex.remoteAddress, duplex.remotePort, duplex.remoteFamily],
        ['127.0.0.1', peer.socket.localPort, 'IPv4'],
      );
      deepEqual([duplex.localAddress, duplex.localPort, duplex.localFamily], Object.values(local));
      deepEqual(duplex.address(), local);
      deepEqual([duplex.connecting, duplex.pending, duplex.encrypted], [false, false, false]);
      equal(duplex.readyState, 'open');
      duplex.end();
      equal(duplex.readyState, 'readOnly');
      duplex.destroy();
      await closed(duplex);
      deepEqual([duplex.readyState, duplex.remoteAddress], ['closed', '127.0.0.1']);
    }));

  it('has no addresses over a unix socket, as a net.Socket has none', () =>
    inTask(async () => {
      const path = `\0uvio-socket-duplex-${process.pid}`;
      await using server = await startUnixServer((_reader, writer) => writer.close(), path);
      const duplex = toDuplex(await openUnixConnection(path));
      deepEqual(
        [duplex.remoteAddress, duplex.localPort, duplex.address()],
        [undefined, undefined, {}],
      );
      duplex.setNoDelay().setKeepAlive(true, 5000).unref().ref().resume();
      await closed(duplex);
      server.close();
    }));

  it('emits timeout after silence, which bytes in either direction end', () =>
    withConnection(async ({ peer, pair }) => {
      const duplex = toDuplex(pair);
      let last = performance.now();
      let bytes = 0;
      duplex.on('data', () => {
        last = performance.now();
        if (++bytes < 12) setTimeout(() => peer.socket.write('x'), 5);
      });
      const silence = new Promise<number>((resolve) =>
        duplex.setTimeout(40, () => resolve(performance.now() - last)),
      );
      equal(duplex.timeout, 40);
      peer.socket.write('x');
      // Without the bytes it would have come after 40 ms, a moment after one of them.
      ok((await silence) >= 38);
      duplex.destroy();
      await closed(duplex);
    }));

  it('has no timeout when it is 0, whatever it was before', () =>
    withConnection(async ({ pair }) => {
      const duplex = toDuplex(pair);
      const events = eventsOf(duplex);
      const listener = () => {};
      duplex.setTimeout(1, listener);
      duplex.setTimeout(0, listener);
      equal(duplex.listenerCount('timeout'), 1);
      await sleep(10);
      duplex.setTimeout(1);
      await new Promise((resolve) => duplex.once('timeout', resolve));
      duplex.setTimeout(50_000);
      duplex.destroy();
      await closed(duplex);
      await sleep(5);
      deepEqual(events, ['timeout', 'close']);
      duplex.setTimeout(1);
    }));

  it('refuses timeouts that are none', () =>
    withConnection(async ({ pair }) => {
      const duplex = toDuplex(pair);
      for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
        throws(() => duplex.setTimeout(value), { code: 'ERR_OUT_OF_RANGE' });
      }
      throws(() => duplex.setTimeout('1' as never), { code: 'ERR_INVALID_ARG_TYPE' });
      throws(() => duplex.setTimeout(1, 'x' as never), /callback must be a function/);
      duplex.destroy();
      await closed(duplex);
    }));

  it('emits connect for who connects a socket that is connected', () =>
    withConnection(async ({ pair }) => {
      const duplex = toDuplex(pair);
      const events = eventsOf(duplex);
      equal(duplex.connect(5432, 'localhost'), duplex);
      deepEqual(events, []);
      await sleep(0);
      deepEqual(events, ['connect']);
      duplex.destroy();
      await closed(duplex);
    }));

  it('sets the options of the socket', async function () {
    if (spawnSync('strace', ['-V']).status !== 0) return this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'uvio-'));
    const file = join(folder, 'trace');
    const outcome = await runProcess(
      async ({ run, startServer, openConnection, toDuplex }) => {
        await run(async () => {
          const server = await startServer(null, '127.0.0.1', 0);
          const port = server.sockets[0]?.getsockname().port as number;
          const duplex = toDuplex(openConnection('127.0.0.1', port));
          duplex.setNoDelay(false).setKeepAlive(true, 7000);
          await new Promise((resolve) => duplex.once('connect', resolve));
          duplex.setKeepAlive(false);
          duplex.destroy();
          server.close();
          console.log('done');
        });
      },
      { trace: { file, calls: 'setsockopt' } },
    );
    assertPrinted(outcome, 'done');
    const calls = readFileSync(file, 'utf8');
    rmSync(folder, { recursive: true });
    match(calls, /TCP_NODELAY, \[0\]/);
    match(calls, /SO_KEEPALIVE, \[1\][\s\S]*TCP_KEEPIDLE, \[7\][\s\S]*SO_KEEPALIVE, \[0\]/);
  });

  it('does not keep the process alive after unref()', async () => {
    const outcome = await runProcess(async ({ openConnection, toDuplex }, { childProcess }) => {
      // Somebody else's server, so that nothing but the client's connection is ours.
      const script =
        "require('net').createServer().listen(0, function () { console.log(this.address().port) })";
      const child = childProcess.spawn(process.execPath, ['--eval', script]);
      const port = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
      const duplex = toDuplex(await openConnection('127.0.0.1', port));
      duplex.resume().unref();
      process.on('exit', () => {
        console.log('still open:', !duplex.destroyed);
        child.kill();
      });
      child.unref();
      child.stdout.destroy();
      child.stderr.destroy();
      child.stdin.destroy();
    });
    assertPrinted(outcome, 'still open: true');
  });

  it('keeps the process alive again after ref()', async () => {
    const outcome = await runProcess(async ({ run, startServer, openConnection, toDuplex }) => {
      await run(async () => {
        const server = await startServer(null, '127.0.0.1', 0);
        const port = server.sockets[0]?.getsockname().port as number;
        const client = toDuplex(openConnection('127.0.0.1', port));
        for await (const pair of server) {
          const duplex = toDuplex(pair);
          server.close();
          client.unref();
          duplex.unref().ref();
          // Nothing but the referenced stream is left to wait for this.
          setTimeout(() => client.end('late'), 50).unref();
          for await (const chunk of duplex) console.log(String(chunk));
          break;
        }
        client.destroy();
      });
    });
    assertPrinted(outcome, 'late');
  });
});
