/**
 * openConnection and startServer over TCP, with peers on node:net.
 *
 * Guards: every kind of handler serves, in a task and in the context of startServer(); what a handler throws is
 * reported and closes its connection.
 */

import { deepEqual, equal, match, rejects, throws } from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import {
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  Future,
  gather,
  getEventLoop,
  openConnection,
  Protocol,
  StreamReader,
  StreamReaderProtocol,
  StreamWriter,
  type SystemError,
  startServer,
  type Task,
  type Transport,
  waitFor,
} from 'uvio';
import { Peer, portOf } from '../io/peers.js';
import { leavesNothingOpen } from '../support.js';
import { inTask, withStreamServer } from './stream_support.js';

async function echoLines(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for await (const line of reader) {
    writer.write(line);
    await writer.drain();
  }
  writer.close();
  await writer.waitClosed();
}

function* echoLinesOf(reader: StreamReader, writer: StreamWriter) {
  for (let line = yield* reader.readline(); line.length > 0; line = yield* reader.readline()) {
    writer.write(line);
    yield* writer.drain();
  }
  writer.close();
  yield* writer.waitClosed();
}

describe('streams', () => {
  leavesNothingOpen();

  it('a client talks to a server of Node', () =>
    inTask(async () => {
      const node = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
      await once(node, 'listening');
      const { port } = node.address() as AddressInfo;
      const [reader, writer] = await openConnection('127.0.0.1', port);
      equal(writer.getExtraInfo('peername')?.port, port);
      equal(writer.getExtraInfo('nothing of that name', 'fallback'), 'fallback');
      equal(writer.transport.getProtocol() instanceof StreamReaderProtocol, true);
      writer.write('one\n');
      writer.writelines(['two\n', Buffer.from('three')]);
      await writer.drain();
      equal(String(await reader.readline()), 'one\n');
      equal(String(await reader.readline()), 'two\n');
      equal(String(await reader.readexactly(5)), 'three');
      equal(writer.canWriteEof(), true);
      writer.writeEof();
      equal(String(await reader.read()), '');
      equal(reader.atEof(), true);
      equal(writer.isClosing(), false);
      writer.close();
      equal(writer.isClosing(), true);
      await writer.waitClosed();
      match(
        String(writer),
        /^<StreamWriter transport=<TcpTransport closed .*> reader=<Stream.*>>$/,
      );
      node.close();
      await once(node, 'close');
    }));

  const handlers = {
    'an async function': echoLines,
    'a generator function': echoLinesOf,
    'a coroutine function': coroutine(echoLines),
    'a coroutine function of a generator': coroutine(echoLinesOf),
    'a plain function that returns a promise': (reader: StreamReader, writer: StreamWriter) =>
      echoLines(reader, writer),
    'a plain function that returns nothing': (reader: StreamReader, writer: StreamWriter) => {
      void echoLines(reader, writer);
    },
  };
  for (const [what, handler] of Object.entries(handlers)) {
    it(`${what} serves`, () =>
      withStreamServer(handler, async ({ port }) => {
        const peer = await Peer.connect(port);
        equal(await peer.ask('hello world!\n'), 'hello world!\n');
        equal(await peer.ask('again\n'), 'again\n');
        peer.socket.end();
        equal(await peer.closed, null);
      }));
  }

  it('a handler runs in a task of its own, in the context of startServer()', () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const tasks = new Set<Task | null>();
    const handler = async function handler(_reader: StreamReader, writer: StreamWriter) {
      tasks.add(currentTask());
      seen.push(storage.getStore(), String(currentTask()).includes('coro=<handler()>'));
      writer.close();
    };
    return storage.run('outer', () =>
      withStreamServer(handler, async ({ port }) => {
        tasks.add(currentTask());
        for (let count = 0; count < 2; count++) await (await Peer.connect(port)).closed;
        deepEqual(seen, ['outer', true, 'outer', true]);
        equal(tasks.size, 3);
      }),
    );
  });

  for (const [what, handler] of Object.entries({
    'an async handler': async (reader: StreamReader) => {
      await reader.readline();
      throw new Error('handler failed');
    },
    'a generator handler': function* (reader: StreamReader) {
      yield* reader.readline();
      throw new Error('handler failed');
    },
    'a plain handler': () => {
      throw new Error('handler failed');
    },
  })) {
    it(`what ${what} throws is reported, and closes the connection`, () =>
      withStreamServer(handler, async ({ port, reports }) => {
        const peer = await Peer.connect(port);
        // What nobody reads would reset the connection when it is closed.
        if (handler.length > 0) peer.socket.write('line\n');
        equal(await peer.closed, null);
        const [report] = reports.splice(0);
        equal(report?.message, 'Unhandled exception in client_connected_cb');
        match(String(report?.exception), /^Error: handler failed$/);
        match(String(report?.transport), /TcpTransport/);
      }));
  }

  it('a handler that is cancelled closes its connection, without a report', () => {
    let task: Task | null = null;
    const handler = async (reader: StreamReader, writer: StreamWriter) => {
      task = currentTask();
      writer.write('up');
      await reader.readline();
    };
    return withStreamServer(handler, async ({ port }) => {
      const peer = await Peer.connect(port);
      await peer.inbox.has(2);
      task?.cancel();
      equal(await peer.closed, null);
    });
  });

  it('a line above the limit of startServer() is refused', () => {
    const errors: unknown[] = [];
    const handler = async (reader: StreamReader, writer: StreamWriter) => {
      await reader.readline().catch((error) => errors.push(error));
      writer.write(await reader.readline());
      writer.close();
    };
    const serving = async ({ port }: { port: number }) => {
      const peer = await Peer.connect(port);
      peer.socket.write('a line that is too long\nshort\n');
      equal(await peer.closed, null);
      equal(peer.inbox.text(), 'short\n');
      match(String(errors), /^RangeError: Separator is found, but chunk is longer than limit$/);
    };
    return withStreamServer(handler, serving, { limit: 10 });
  });

  it('read(-1) takes more than the limit', () =>
    withStreamServer(
      async (_reader, writer) => {
        writer.write(Buffer.alloc(3_000_000, 'x'));
        writer.close();
      },
      async ({ port }) => {
        const [reader, writer] = await openConnection('127.0.0.1', port, { limit: 1000 });
        equal((await reader.read()).length, 3_000_000);
        writer.close();
        await writer.waitClosed();
      },
    ));

  it('a refused connection fails with the error of the system, whose stack begins at the caller', () =>
    inTask(async () => {
      const server = await startServer(() => {}, '127.0.0.1', 0);
      const port = portOf(server);
      server.close();
      await server.waitClosed();
      async function connects() {
        await openConnection('127.0.0.1', port);
      }
      await rejects(connects(), (error: SystemError) => {
        deepEqual([error.code, error.syscall, error.port], ['ECONNREFUSED', 'connect', port]);
        match(error.stack?.split('\n')[1] ?? '', /at connects /);
        return true;
      });
    }));

  it('a cancelled attempt opens nothing', () =>
    withStreamServer(
      () => {},
      async ({ port }) => {
        const attempt = openConnection('127.0.0.1', port);
        equal(attempt.cancel(), true);
        await rejects(attempt, CancelledError);
        const { signal } = new AbortController();
        const [, writer] = await openConnection('127.0.0.1', port, { signal });
        writer.close();
        await rejects(
          openConnection('127.0.0.1', port, { signal: AbortSignal.abort() }),
          CancelledError,
        );
      },
    ));

  it('a connection is given to whoever awaits it, however soon a cancellation comes', () =>
    withStreamServer(echoLines, async ({ port, loop }) => {
      const connecting = loop.createConnection(() => new Protocol(), '127.0.0.1', port);
      let got: unknown = null;
      const task = createTask(async () => {
        got = await connecting;
        await new Future();
      });
      connecting.addDoneCallback(() => task.cancel());
      await rejects(async () => await task, CancelledError);
      const [transport] = got as [Transport, Protocol];
      transport.abort();
    }));

  it('a pair may be made by hand, of a transport of any kind', () =>
    withStreamServer(echoLines, async ({ port, loop }) => {
      const reader = new StreamReader();
      equal(reader._loop, loop);
      const protocol = new StreamReaderProtocol(reader);
      const [transport] = await loop.createConnection(() => protocol, '127.0.0.1', port);
      const writer = new StreamWriter(transport, protocol, reader, loop);
      writer.write('by hand\n');
      await waitFor(writer.drain(), 1000);
      equal(String(await reader.readline()), 'by hand\n');
      writer.close();
      await gather([writer.waitClosed(), writer.waitClosed()]);
      throws(() => new StreamWriter(transport, {} as never, reader, loop), /protocol must be/);
      throws(() => new StreamWriter(transport, protocol, 5 as never, loop), /reader must be/);
    }));

  it('wrong arguments are refused at the call, by name', () =>
    inTask(async () => {
      throws(() => openConnection(5 as never, 80), /host must be/);
      throws(() => openConnection('localhost', -1), /port must be/);
      throws(() => openConnection('localhost', 80, { limit: 0 }), /limit must be/);
      throws(() => openConnection('localhost', 80, 5 as never), /options must be/);
      throws(() => startServer('text' as never), /clientConnectedCb must be a function/);
      throws(() => startServer(() => {}, null, 0, { limit: 0.5 }), /limit must be/);
      throws(() => new StreamReaderProtocol({} as never), /streamReader must be a StreamReader/);
      equal(getEventLoop().isRunning(), true);
    }));
});
