/**
 * The sock… methods, sockets given to transports, and sendfile against CPython: what each gives, in which order.
 *
 * Each test is the twin of the function of that name in scenarios/sockets.py.
 */

import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CancelledError,
  type EventLoop,
  Protocol,
  RuntimeError,
  SOCK_DGRAM,
  SOCK_STREAM,
  Socket,
  sleep,
  type Transport,
} from '../../src/index.js';
import { withFolder } from '../io/local_peers.js';
import { leavesNothingOpen } from '../support.js';
import { kind, type Stage, theme } from './stage.js';

function bound(type = SOCK_STREAM): Socket {
  const socket = new Socket(4, type);
  socket.bind(['127.0.0.1', 0]);
  return socket;
}

async function pair(loop: EventLoop): Promise<[near: Socket, far: Socket]> {
  using listener = bound();
  listener.listen();
  const near = new Socket();
  await loop.sockConnect(near, listener.getsockname());
  const [far] = await loop.sockAccept(listener);
  return [near, far];
}

/** Logs what awaiting gives or throws; a system error with the positive number that Python gives it. */
async function failure(stage: Stage, what: string, call: () => PromiseLike<unknown>) {
  try {
    stage.log(what, await call());
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno !== undefined) stage.log(what, 'OSError', -errno);
    else if (error instanceof CancelledError) stage.log(what, 'cancelled');
    else stage.log(what, (error as Error).message);
  }
}

class Recorder extends Protocol {
  transport!: Transport;
  #size = 0;
  #wanted = 0;
  #has: () => void = () => {};
  #gone: () => void = () => {};
  readonly lost = new Promise<void>((resolve) => {
    this.#gone = resolve;
  });

  constructor(
    readonly name: string,
    readonly stage: Stage,
  ) {
    super();
  }

  override connectionMade(transport: Transport): void {
    this.stage.log(this.name, 'made');
    this.transport = transport;
  }

  override dataReceived(data: Buffer): void {
    this.#size += data.length;
    if (this.#wanted === 0 || this.#size < this.#wanted) return;
    this.stage.log(this.name, 'has', this.#size);
    this.#wanted = 0;
    this.#has();
  }

  override eofReceived(): void {
    this.stage.log(this.name, 'eof');
  }

  override pauseWriting(): void {
    this.stage.log(this.name, 'pause');
  }

  override resumeWriting(): void {
    this.stage.log(this.name, 'resume');
  }

  override connectionLost(exception: Error | null): void {
    this.stage.log(this.name, 'lost', exception === null ? exception : kind(exception));
    this.#gone();
  }

  has(size: number): Promise<void> {
    this.#wanted = size;
    return new Promise((resolve) => {
      this.#has = resolve;
    });
  }
}

async function transports(stage: Stage, given?: [Socket, Socket]) {
  const { loop } = stage;
  const [near, far] = given ?? (await pair(loop));
  const make = (name: string) => () => new Recorder(name, stage);
  const options = { sock: near };
  const [, client] = await loop.createConnection(make('client'), null, null, options);
  const [, server] = await loop.connectAcceptedSocket(make('server'), far);
  return { client, server };
}

async function end({ client, server }: { client: Recorder; server: Recorder }): Promise<void> {
  client.transport.close();
  await client.lost;
  await server.lost;
}

/** Runs `body` with an open file, and what tells its position. */
function withFileOf(
  data: string,
  body: (file: number, tell: () => number) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    const path = join(folder, 'file');
    writeFileSync(path, data);
    await withFileAt(path, body, data.length);
  });
}

async function withFileAt(
  path: string,
  body: (file: number, tell: () => number) => Promise<void>,
  size: number,
): Promise<void> {
  const file = openSync(path, 'r');
  const tell = () => size - readSync(file, Buffer.alloc(10_000));
  try {
    await body(file, tell);
  } finally {
    closeSync(file);
  }
}

describe('sockets and files, as in asyncio', () => {
  leavesNothingOpen();
  const { sameTask } = theme('sockets');

  sameTask('a call asks at once', 'asks_at_once', async ({ loop, log }) => {
    const [near, far] = await pair(loop);
    loop.callSoon(log, 'scheduled before sending');
    await loop.sockSendall(near, 'hello');
    log('sent');
    await sleep(0);
    loop.callSoon(log, 'scheduled before receiving');
    log('received', String(await loop.sockRecv(far, 3)));
    const memory = Buffer.alloc(9);
    log('received', await loop.sockRecvInto(far, memory), memory.toString('latin1', 0, 2));
    near.close();
    log('end', (await loop.sockRecv(far, 10)).length);
    far.close();
  });

  sameTask('a call waits until the socket is ready', 'waits_until_ready', async (stage) => {
    const { loop, log } = stage;
    const [near, far] = await pair(loop);
    const task = loop.createTask(async () => {
      log('receiving');
      log('received', String(await loop.sockRecv(far, 10)));
    });
    await sleep(0);
    log('sending');
    await loop.sockSendall(near, 'data');
    log('sent');
    await task;
    near.close();
    far.close();
  });

  sameTask('a cancelled call takes nothing', 'cancelled_receive', async (stage) => {
    const { loop, log } = stage;
    const [near, far] = await pair(loop);
    const task = loop.createTask(async () => loop.sockRecv(far, 10));
    await sleep(0);
    task.cancel();
    await failure(stage, 'cancelled', () => task);
    await loop.sockSendall(near, 'kept');
    log('received', String(await loop.sockRecv(far, 10)));
    near.close();
    far.close();
  });

  sameTask('a refused connection says so', 'refused_connection', async (stage) => {
    const nobody = bound();
    const address = nobody.getsockname();
    nobody.close();
    using client = new Socket();
    await failure(stage, 'connect', () => stage.loop.sockConnect(client, address));
  });

  sameTask('a socket that is not connected says so', 'closed_sockets', async (stage) => {
    using unconnected = new Socket();
    await failure(stage, 'not connected', () => stage.loop.sockRecv(unconnected, 1));
    await failure(stage, 'not listening', () => stage.loop.sockAccept(unconnected));
  });

  sameTask('datagrams have addresses', 'datagrams', async ({ loop, log }) => {
    using one = bound(SOCK_DGRAM);
    using two = bound(SOCK_DGRAM);
    log('sent', await loop.sockSendto(one, 'hello', two.getsockname()));
    const [data, address] = await loop.sockRecvfrom(two, 100);
    log(String(data), address.port === one.getsockname().port);
    const memory = Buffer.alloc(10);
    await loop.sockSendto(two, 'an answer', address);
    const [size, from] = await loop.sockRecvfromInto(one, memory, 4);
    log(size, memory.toString('latin1', 0, size), from.port === two.getsockname().port);
  });

  sameTask('transports take sockets over', 'given_to_transports', async (stage) => {
    const [near, far] = await pair(stage.loop);
    const { client, server } = await transports(stage, [near, far]);
    const received = server.has(5);
    client.transport.write('hello');
    await received;
    await end({ client, server });
    stage.log('closed', near.fileno(), far.fileno());
  });

  sameTask('an address and a socket are too much', 'refused_sockets', async (stage) => {
    const { loop } = stage;
    const factory = () => new Protocol();
    using sock = new Socket();
    const both = { sock };
    const fails = (what: string, call: () => PromiseLike<unknown>) => failure(stage, what, call);
    await fails('both', () => loop.createConnection(factory, '127.0.0.1', 1, both));
    await fails('neither', () => loop.createConnection(factory));
    await fails('both', () => loop.createServer(factory, '127.0.0.1', 1, both));
    await fails('both', () => loop.createUnixConnection(factory, 'x', both));
    await fails('neither', () => loop.createUnixConnection(factory));
    await fails('both', () => loop.createUnixServer(factory, 'x', both));
  });

  sameTask('a file goes between writes', 'sendfile_between_writes', async (stage) => {
    const { loop, log } = stage;
    const { client, server } = await transports(stage);
    await withFileOf('x'.repeat(1000), async (file, tell) => {
      const { transport } = client;
      const received = server.has(1010);
      transport.write('12345');
      const task = loop.createTask(async () => loop.sendfile(transport, file));
      await sleep(0);
      log('reading', transport.isReading());
      try {
        transport.write('refused');
      } catch (error) {
        log(error);
      }
      log('sent', await task, tell());
      log('reading', transport.isReading());
      transport.write('67890');
      await received;
      log('part', await loop.sendfile(transport, file, 990, 100), tell());
      log('part', await loop.sendfile(transport, file, 10, 20), tell());
      log('none', await loop.sendfile(transport, file, 2000));
      transport.pauseReading();
      await loop.sendfile(transport, file);
      log('reading', transport.isReading());
    });
    await end({ client, server });
  });

  sameTask(
    'a file that cannot be sent is read',
    'sendfile_of_what_cannot_be_sent',
    async (stage) => {
      const { loop, log } = stage;
      const { client, server } = await transports(stage);
      const file = openSync('/proc/self/status', 'r');
      // Such a file does not know its size: what is left of the first line tells the position.
      const tell = () => {
        const line = Buffer.alloc(10);
        readSync(file, line);
        return 'Name:\t'.indexOf(line.toString('latin1', 0, 1), 4);
      };
      const { transport } = client;
      try {
        await loop.sendfile(transport, file, 0, 5, { fallback: false });
      } catch (error) {
        if (error instanceof RuntimeError) log('native', kind(error));
      }
      const received = server.has(8);
      log('sent', await loop.sendfile(transport, file, 0, 5), tell());
      log('sent', await loop.sendfile(transport, file, 1, 3), tell());
      await received;
      log('reading', transport.isReading());
      closeSync(file);
      await end({ client, server });
    },
  );

  sameTask('a transport that is closing takes no file', 'sendfile_when_closing', async (stage) => {
    const { client, server } = await transports(stage);
    await withFileOf('x', async (file) => {
      client.transport.close();
      await failure(stage, 'closing', async () => stage.loop.sendfile(client.transport, file));
    });
    await client.lost;
    await server.lost;
  });

  sameTask('a file goes to a socket', 'sock_sendfile', async (stage) => {
    const { loop, log } = stage;
    const [near, far] = await pair(loop);
    await withFileOf('0123456789', async (file, tell) => {
      log('all', await loop.sockSendfile(near, file), tell());
      log('part', await loop.sockSendfile(near, file, 2, 3), tell());
      log('rest', await loop.sockSendfile(near, file, 8, 5), tell());
      log(String(await loop.sockRecv(far, 100)));
      using wrong = new Socket(4, SOCK_DGRAM);
      await failure(stage, 'datagrams', async () => loop.sockSendfile(wrong, file));
    });
    near.close();
    far.close();
  });
});
