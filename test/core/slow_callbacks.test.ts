/**
 * Slow callbacks: who is named, from which duration on, and that nobody else is.
 *
 * The callbacks keep the thread busy for longer than the threshold, so that a busy machine can only add to it; the
 * silent ones have a threshold of a minute.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import {
  type EventLoop,
  Lock,
  type Logger,
  logger,
  newEventLoop,
  Protocol,
  setLogger,
  sleep,
} from '../../src/index.js';
import { portOf, withServer } from '../io/peers.js';
import { TRUST, withTlsServer } from '../io/tls_peers.js';
import { leavesNothingOpen } from '../support.js';

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('slow callbacks', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let lines: [string, string][];
  beforeEach(() => {
    loop = newEventLoop();
    loop.setDebug({ slowCallbacks: 20 });
    lines = [];
    const collect = (level: string) => (message: string) => void lines.push([level, message]);
    const collecting = Object.fromEntries(
      ['debug', 'info', 'warn', 'error'].map((level) => [level, collect(level)]),
    );
    setLogger(collecting as unknown as Logger);
  });
  afterEach(() => {
    setLogger(logger);
    loop.close();
  });

  const slow = () => lines.filter(([, line]) => line.startsWith('Executing'));
  /** The one that was reported. */
  const only = (): string => {
    equal(slow().length, 1, JSON.stringify(lines));
    equal(slow()[0]?.[0], 'warn');
    return slow()[0]?.[1] as string;
  };

  it('a callback is named, with how long it took', async () => {
    loop.callSoon(() => {});
    loop.callSoon(function busy() {
      block(30);
    });
    await loop.runUntilComplete(() => sleep(1));
    match(only(), /^Executing <Handle busy\(\)> took 0\.0[3-9]\d seconds$/);
  });

  it('a timer is named with its time', async () => {
    await loop.runUntilComplete(async () => {
      loop.callLater(1, function late() {
        block(30);
      });
      await sleep(5);
    });
    match(only(), /^Executing <TimerHandle when=[\d.]+ late\(\)> took/);
  });

  it('a task is named for its first step', async () => {
    await loop.runUntilComplete(async () => {
      await loop.createTask(
        async () => {
          block(30);
        },
        { name: 'first' },
      );
    });
    match(only(), /^Executing <Task finished name='first' .*> took/);
  });

  it('a task is named for what it does behind an await', async () => {
    await loop.runUntilComplete(async () => {
      const task = loop.createTask(
        async () => {
          await sleep(1);
          block(30);
          await sleep(1);
        },
        { name: 'behind' },
      );
      await task;
    });
    match(only(), /^Executing <Task pending name='behind' .*> took/);
  });

  it('a task is named for what it does with a lock that it waited for', async () => {
    await loop.runUntilComplete(async () => {
      const lock = new Lock();
      await lock.acquire();
      const task = loop.createTask(
        async () => {
          await lock.acquire();
          block(30);
        },
        { name: 'locker' },
      );
      await sleep(0);
      lock.release();
      await task;
    });
    match(only(), /name='locker'/);
  });

  it('a generator is named for its step', async () => {
    await loop.runUntilComplete(function* () {
      yield* sleep(1);
      block(30);
    });
    match(only(), /^Executing <Task finished name='Task-\d+' .*> took/);
  });

  it('a protocol is named by class and method, with the promise reactions of it', () => {
    class Busy extends Protocol {
      override async dataReceived(): Promise<void> {
        await null;
        block(30);
      }
    }
    return withServer(
      () => new Busy(),
      async ({ loop: serving, server }) => {
        serving.setDebug({ slowCallbacks: 20 });
        const client = new Protocol();
        const port = portOf(server);
        const [transport] = await serving.createConnection(() => client, '127.0.0.1', port);
        transport.write('x');
        while (slow().length === 0) await new Promise((resolve) => setImmediate(resolve));
        transport.close();
        match(only(), /^Executing <Busy dataReceived transport=<TcpTransport open .*>> took/);
      },
    );
  });

  it('the end of a connection is named', () => {
    class Leaving extends Protocol {
      override connectionLost(): void {
        block(30);
      }
    }
    return withServer(
      () => new Leaving(),
      async ({ loop: serving, server }) => {
        serving.setDebug({ slowCallbacks: 20 });
        const port = portOf(server);
        const [transport] = await serving.createConnection(() => new Protocol(), '127.0.0.1', port);
        transport.close();
        while (slow().length === 0) await new Promise((resolve) => setImmediate(resolve));
        match(
          only(),
          /^Executing <Leaving connectionLost transport=<TcpTransport closed .*>> took/,
        );
      },
    );
  });

  it('over TLS the program’s protocol is named, with its own method', () => {
    class Secret extends Protocol {
      override dataReceived(): void {
        block(60);
      }
      override connectionLost(): void {
        block(60);
      }
    }
    return withTlsServer(
      () => new Secret(),
      async ({ loop: serving, server }) => {
        const options = { ssl: TRUST, serverHostname: 'localhost' };
        const port = portOf(server);
        const open = serving.createConnection(() => new Protocol(), '127.0.0.1', port, options);
        const [transport] = await open;
        // The handshake itself is slow on a busy machine.
        serving.setDebug({ slowCallbacks: 50 });
        transport.write('x');
        while (slow().length === 0) await new Promise((resolve) => setImmediate(resolve));
        transport.abort();
        while (slow().length === 1) await new Promise((resolve) => setImmediate(resolve));
        const texts = slow().map(([, line]) => line);
        match(texts[0] ?? '', /^Executing <Secret dataReceived transport=<TlsTransport .*>> took/);
        match(
          texts[1] ?? '',
          /^Executing <Secret connectionLost transport=<TlsTransport .*>> took/,
        );
        const names = serving._slowest.list().map(({ name }) => name);
        deepEqual(names.sort(), ['Secret.connectionLost()', 'Secret.dataReceived()']);
      },
    );
  });

  it('what goes on when the loop stops is named by the loop', async () => {
    loop.callSoon(() => loop.stop());
    await loop.runForever();
    block(30);
    await new Promise((resolve) => setImmediate(resolve));
    match(only(), /^Executing <EventLoop running=false .*> took/);
  });

  it('all are counted by name, whatever their arguments and tasks', async () => {
    loop.setDebug({ slowCallbacks: 20, creationStacks: true });
    const report = async () => block(30);
    for (const size of [1, 2])
      loop.callSoon(function checksum(_size) {
        block(30);
      }, size);
    await loop.runUntilComplete(report);
    await loop.runUntilComplete(report);
    const counts = Object.fromEntries(loop._slowest.list().map(({ name, count }) => [name, count]));
    deepEqual([counts['checksum()'], counts['report()']], [2, 2]);
  });

  it('the threshold changes at run time', async () => {
    loop.slowCallbackDuration = 60_000;
    await loop.runUntilComplete(async () => block(30));
    deepEqual(lines, []);
    loop.slowCallbackDuration = 10;
    await loop.runUntilComplete(async () => block(30));
    only();
    loop.slowCallbackDuration = Number.POSITIVE_INFINITY;
    await loop.runUntilComplete(async () => block(30));
    loop.slowCallbackDuration = 10;
    loop.setDebug(false);
    await loop.runUntilComplete(async () => block(30));
    only();
  });

  it('a threshold of nothing reports every callback, each once', async () => {
    loop.slowCallbackDuration = 0;
    loop.callSoon(function one() {
      block(0.1);
    });
    loop.callSoon(function two() {
      block(0.1);
    });
    await new Promise<void>((resolve) => loop.callSoon(resolve));
    const names = slow().map(([, line]) => /(\w+)\(\)/.exec(line)?.[1]);
    deepEqual(names.filter((name) => name === 'one' || name === 'two').sort(), ['one', 'two']);
  });

  it('a callback that closes the loop is no crash', async () => {
    const own = newEventLoop();
    own.setDebug({ slowCallbacks: 1 });
    await new Promise<void>((resolve) => {
      own.callSoon(() => {
        block(5);
        own.close();
        resolve();
      });
    });
    await new Promise((resolve) => setImmediate(resolve));
    ok(own.isClosed());
  });
});
