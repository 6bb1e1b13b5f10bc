/*
 * A server with every fault that debug mode finds: one run shows every diagnosis, each under a heading that says
 * whose fault it is. Nothing of this is how to write a server. Try it:
 *
 *   node dist/examples/faulty-server.js
 */

import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import {
  coroutine,
  createTask,
  EventLoop,
  getRunningLoop,
  logger,
  newEventLoop,
  Protocol,
  run,
  runProcess,
  type Server,
  sleep,
  type Transport,
} from 'uvio';
import { isMain } from './kv/command-line.js';

const SLOW = 50; // ms

function heading(text: string): void {
  process.stderr.write(`\n== ${text}\n`);
}

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Takes too long over every request. */
class SlowProtocol extends Protocol {
  #transport!: Transport;

  override connectionMade(transport: Transport): void {
    this.#transport = transport;
  }

  override dataReceived(data: Buffer): void {
    block(2 * SLOW);
    this.#transport.write(data);
  }
}

async function slowCallbacks(loop: EventLoop): Promise<void> {
  heading('slow callbacks: a callback, a timer, a task, a protocol');
  loop.callSoon(function checksum() {
    block(2 * SLOW);
  });
  loop.callLater(1, function refresh() {
    block(2 * SLOW);
  });
  await createTask(
    async function report() {
      await sleep(10);
      block(2 * SLOW);
    },
    { name: 'report' },
  );
  const server = await loop.createServer(() => new SlowProtocol(), '127.0.0.1', 0);
  await request(loop, server);
  server.close();
  server.closeClients();
  await server.waitClosed();
}

/** One message there and back; the client pauses as well. */
async function request(loop: EventLoop, server: Server): Promise<void> {
  const port = server.sockets[0]?.getsockname().port as number;
  const answered = loop.createFuture<void>();
  const client = new Protocol();
  client.dataReceived = () => answered.setResult();
  const [transport] = await loop.createConnection(() => client, '127.0.0.1', port);
  transport.pauseReading();
  transport.resumeReading();
  transport.write('hello');
  await answered;
  transport.close();
}

async function stall(loop: EventLoop): Promise<void> {
  heading('the watchdog: a callback that still blocks, told of while it does');
  loop.setWatchdog(2 * SLOW); // debug mode alone waits a second
  await createTask(async function parse() {
    block(1500);
  });
  loop.setWatchdog(null);
}

async function lateTurn(): Promise<void> {
  heading('slow I/O: something outside of the loop has kept the thread for more than a second');
  setTimeout(() => block(1200), 1);
  await sleep(20);
}

async function neverAwaited(): Promise<void> {
  heading('a coroutine that nobody awaits');
  const warned = once(process, 'warning');
  const cleanUp = coroutine(async function cleanUp() {});
  (() => void cleanUp())();
  await warned;
}

async function neverRetrieved(loop: EventLoop): Promise<void> {
  heading('a task whose exception nobody looks at');
  await told(loop, () => {
    createTask(async function refuse() {
      throw new Error('the disk is full');
    });
  });
}

async function failingCallback(loop: EventLoop): Promise<void> {
  heading('a callback that throws');
  await told(loop, () => {
    loop.callSoon(function notify() {
      throw new Error('nobody is there');
    });
  });
}

/** Waits until the exception handler has been told of what `act` does. */
async function told(loop: EventLoop, act: () => void): Promise<void> {
  const heard = loop.createFuture<void>();
  loop.setExceptionHandler((_loop, context) => {
    loop.defaultExceptionHandler(context);
    heard.setResult();
  });
  act();
  await heard;
  loop.setExceptionHandler(null);
}

async function wrongLoop(): Promise<void> {
  heading("a task that awaits another loop's future");
  const other = newEventLoop();
  try {
    await other.createFuture();
  } catch (error) {
    logger.error(String(error));
  }
  other.close();
}

async function wrongThread(loop: EventLoop): Promise<void> {
  heading("a thread that schedules on another thread's loop");
  await once(new Worker(new URL(import.meta.url), { workerData: loop.ref }), 'exit');
}

/** What the worker of wrongThread() does. */
function intrude(): void {
  try {
    Reflect.get(EventLoop.attach(workerData), 'callSoon')(() => {});
  } catch (error) {
    logger.error(String(error));
  }
}

async function program(): Promise<void> {
  heading('the life of a program');
  await runProcess('true');
}

async function main(): Promise<void> {
  logger.level = 'debug';
  const loop = getRunningLoop();
  loop.slowCallbackDuration = SLOW;
  const hold = loop.callLater(60_000, () => {}); // the waits below keep no process alive
  await slowCallbacks(loop);
  await stall(loop);
  await lateTurn();
  await neverAwaited();
  await neverRetrieved(loop);
  await failingCallback(loop);
  await wrongLoop();
  await wrongThread(loop);
  await program();
  hold.cancel();
  heading('a server and a connection that are left open');
  const server = await loop.createServer(() => new Protocol(), '127.0.0.1', 0);
  const port = server.sockets[0]?.getsockname().port as number;
  await loop.createConnection(() => new Protocol(), '127.0.0.1', port);
}

async function leftBehind(): Promise<void> {
  heading('a task that is pending when its loop is closed, and a loop that is not closed');
  const loop = newEventLoop();
  loop.setDebug(true);
  loop.createTask(async function poll() {
    await loop.createFuture();
  });
  await loop.runUntilComplete(() => sleep(1));
  loop.close();
  newEventLoop().setDebug({ unclosed: true });
}

if (!isMainThread) {
  intrude();
} else if (isMain(import.meta.url)) {
  await run(main, { debug: true });
  await nextTurn(); // in which Node writes its warnings
  await leftBehind();
}
