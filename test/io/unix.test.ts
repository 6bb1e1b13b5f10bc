/**
 * Unix sockets: connections over them, with peers on node:net and in other processes.
 *
 * Guards: the transports are those of TCP (order of events, half-close, flow control, BufferedProtocol),
 * addresses are strings, a peer that dies is end-of-file or an error and no hang, a thousand connections
 * come and go, and running out of descriptors is an error.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CancelledError, type SystemError } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { connectPeer, hasProgram, withFolder, withUnixServer } from './local_peers.js';
import { BufferedEcho, Echo, Recorder, randomData, sha256, withLoop } from './peers.js';
import { assertPrinted, runProcess } from './programs.js';

const LARGE = 8 * 1024 * 1024;

describe('unix sockets', () => {
  leavesNothingOpen();

  for (const [kind, Protocol] of Object.entries({ Echo, BufferedEcho })) {
    it(`a peer on node:net talks with ${kind}`, async () => {
      await withUnixServer(
        () => new Protocol(),
        async ({ path }) => {
          const peer = await connectPeer(path);
          equal(await peer.ask('hello'), 'hello');
          const data = randomData(LARGE);
          peer.socket.write(data);
          await peer.inbox.has(5 + LARGE);
          equal(sha256(peer.inbox.bytes().subarray(5)), sha256(data));
          await peer.close();
        },
      );
    });
  }

  it('both ends tell the path, the client has no name of its own', async () => {
    const made: Recorder[] = [];
    const make = () => made[made.push(new Recorder()) - 1] as Recorder;
    await withUnixServer(make, async ({ loop, server, path }) => {
      const client = new Recorder();
      const [transport, protocol] = await loop.createUnixConnection(() => client, path);
      equal(protocol, client);
      deepEqual(client.events, ['connectionMade']);
      equal(transport.getExtraInfo('peername'), path);
      equal(transport.getExtraInfo('sockname'), '');
      equal(transport.getExtraInfo('socket')?.getpeername(), path);
      ok((transport.getExtraInfo('socket')?.fileno() as number) > 2);
      while (made.length === 0) await new Promise(setImmediate);
      const accepted = made[0]?.transport;
      equal(accepted?.getExtraInfo('sockname'), path);
      equal(accepted?.getExtraInfo('peername'), '');
      deepEqual(
        server.sockets.map((socket) => socket.getsockname()),
        [path],
      );
      ok(String(server).includes(path));
      transport.close();
      equal(await client.lost, null);
      equal(transport.getExtraInfo('peername'), path);
    });
  });

  it('a client talks to a server on node:net, half-closes, and hears the rest', async () => {
    await withFolder((folder) =>
      withLoop(async (loop) => {
        const path = join(folder, 'socket');
        const server = createServer({ allowHalfOpen: true }, (socket) => {
          let received = '';
          socket.on('data', (data) => {
            received += data;
          });
          socket.on('end', () => socket.end(received.toUpperCase()));
        }).listen(path);
        await once(server, 'listening');
        const client = new Recorder();
        const [transport] = await loop.createUnixConnection(() => client, path);
        ok(transport.canWriteEof());
        transport.write('hel');
        transport.write('lo');
        transport.writeEof();
        equal(await client.lost, null);
        equal(client.inbox.text(), 'HELLO');
        deepEqual(client.events, [
          'connectionMade',
          'dataReceived',
          'eofReceived',
          'connectionLost',
        ]);
        server.close();
        await once(server, 'close');
      }),
    );
  });

  it('the server may keep its half open after end-of-file', async () => {
    const server = new Recorder({ eofReceived: () => true });
    await withUnixServer(
      () => server,
      async ({ path }) => {
        const peer = await connectPeer(path, { allowHalfOpen: true });
        peer.socket.end('question');
        await server.ended;
        equal(server.inbox.text(), 'question');
        server.transport.write('answer');
        server.transport.close();
        await peer.closed;
        equal(peer.inbox.text(), 'answer');
      },
    );
  });

  it('a paused reader stops the writer, and neither side fills memory', async () => {
    const server = new Recorder({ connectionMade: (transport) => transport.pauseReading() });
    await withUnixServer(
      () => server,
      async ({ loop, path }) => {
        const client = new Recorder();
        const [transport] = await loop.createUnixConnection(() => client, path);
        await server.made;
        const chunk = Buffer.alloc(16 * 1024, 'x');
        let sent = 0;
        while (!client.events.includes('pauseWriting')) {
          ok(sent < LARGE, 'nobody says stop');
          transport.write(chunk);
          sent += chunk.length;
          await new Promise(setImmediate);
        }
        ok(transport.getWriteBufferSize() <= 64 * 1024 + chunk.length);
        equal(server.inbox.size, 0);
        server.transport.resumeReading();
        await server.inbox.has(sent);
        while (!client.events.includes('resumeWriting')) await new Promise(setImmediate);
        equal(transport.getWriteBufferSize(), 0);
      },
    );
  });

  it('a thousand connections at once are served, beyond the backlog too', async function () {
    this.timeout(60_000);
    const count = 1000;
    let lost = 0;
    const make = () =>
      new Recorder({
        dataReceived: (data, transport) => transport.write(data),
        connectionLost: () => lost++,
      });
    await withUnixServer(make, async ({ loop, path }) => {
      const clients = Array.from({ length: count }, () => new Recorder());
      const transports = await Promise.all(
        clients.map(async (client) => {
          const [transport] = await loop.createUnixConnection(() => client, path);
          transport.write('hello');
          return transport;
        }),
      );
      await Promise.all(clients.map((client) => client.inbox.has(5)));
      for (const transport of transports) transport.close();
      deepEqual(new Set(await Promise.all(clients.map((client) => client.lost))), new Set([null]));
      while (lost < count) await new Promise(setImmediate);
    });
  });

  it('an attempt that waits for room in the queue can be cancelled', async () => {
    await withUnixServer(
      () => new Echo(),
      async ({ loop, path, folder }) => {
        const full = join(folder, 'full');
        const server = createServer().listen({ path: full, backlog: 1 });
        await once(server, 'listening');
        // Its owner accepts nothing while this runs: nothing here gives way to Node's loop.
        const attempts = Array.from({ length: 8 }, () =>
          loop.createUnixConnection(() => new Recorder(), full),
        );
        for (const attempt of attempts) attempt.cancel('enough');
        for (const attempt of attempts) await rejects(attempt, CancelledError);
        server.close();
        await once(server, 'close');
        // Others are not affected.
        const peer = await connectPeer(path);
        equal(await peer.ask('hello'), 'hello');
        await peer.close();
      },
    );
  });

  it('a peer that is killed is the end of the connection', async () => {
    const server = new Recorder();
    await withUnixServer(
      () => server,
      async ({ path }) => {
        const script = `require('node:net').connect(${JSON.stringify(path)}).write('alive')`;
        const child = spawn(process.execPath, ['--eval', `${script}; setInterval(() => {}, 9999)`]);
        const exited = once(child, 'exit');
        await server.inbox.has(5);
        child.kill('SIGKILL');
        await exited;
        equal(await server.lost, null);
        deepEqual(server.events.slice(-2), ['eofReceived', 'connectionLost']);
      },
    );
  });

  it('a peer that goes with data unread is ECONNRESET or EPIPE for the writer', async () => {
    const server = new Recorder({ connectionMade: (transport) => transport.pauseReading() });
    await withUnixServer(
      () => server,
      async ({ loop, path }) => {
        const client = new Recorder();
        const [transport] = await loop.createUnixConnection(() => client, path);
        transport.write(Buffer.alloc(LARGE));
        ok(transport.getWriteBufferSize() > 0);
        await server.made;
        server.transport.abort();
        const error = (await client.lost) as SystemError | null;
        ok(['EPIPE', 'ECONNRESET'].includes(error?.code as string), String(error));
      },
    );
  });

  for (const [program, parameters] of Object.entries({
    nc: (path: string) => ['-N', '-U', path],
    socat: (path: string) => ['-', `UNIX-CONNECT:${path}`],
  })) {
    it(`${program} gets an answer`, async function () {
      if (!hasProgram(program)) this.skip();
      const server = new Recorder({
        eofReceived: (transport) => transport.write(server.inbox.text().toUpperCase()),
      });
      await withUnixServer(
        () => server,
        async ({ path }) => {
          const child = spawn(program, parameters(path));
          let output = '';
          child.stdout.on('data', (data) => {
            output += data;
          });
          child.stdin.end('hello');
          await once(child, 'close');
          equal(output, 'HELLO');
          equal(await server.lost, null);
        },
      );
    });
  }

  it('out of descriptors a client says EMFILE, and a server reports and accepts later', async () => {
    await withFolder(async (folder) => {
      const outcome = await runProcess(
        async ({ newEventLoop, Protocol }, { Echo: Served, fs, Recorder: Client }, path) => {
          const loop = newEventLoop();
          const reports: unknown[] = [];
          loop.setExceptionHandler((_loop, { message }) => reports.push(message));
          await loop.createUnixServer(() => new Served(), path);
          const client = new Client();
          const fillers: number[] = [];
          try {
            for (;;) fillers.push(fs.openSync('/dev/null', 'r'));
          } catch {}
          const connect = () => loop.createUnixConnection(() => client, path);
          const code = (error: unknown) => (error as { code: string }).code;
          console.log(await connect().then(() => 'connected', code));
          const serve = () => loop.createUnixServer(() => new Protocol(), `${path}2`);
          console.log(await serve().then(() => 'serving', code));
          // One descriptor: enough to connect, not enough to accept.
          fs.closeSync(fillers.pop() as number);
          const [transport] = await connect();
          while (reports.length === 0) await new Promise(setImmediate);
          console.log(reports[0]);
          for (const filler of fillers) fs.closeSync(filler);
          transport.write('hello');
          await client.inbox.has(5);
          console.log(client.inbox.text());
          loop.close();
        },
        { descriptors: 128 },
        join(folder, 'socket'),
      );
      assertPrinted(outcome, 'EMFILE', 'EMFILE', 'socket.accept() out of system resource', 'hello');
    });
  });
});
