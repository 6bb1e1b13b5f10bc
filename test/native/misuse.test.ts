/**
 * The native classes used as nobody should: wrong constructors, missing arguments, calls after close.
 *
 * TypeScript checks arguments before they get here, but a mistake must be an error and never a crash.
 * Each case runs in a process of its own, which must end by itself with code 0. Methods answer a
 * negative libuv code, or throw; either is fine.
 */

import { deepEqual, equal } from 'node:assert/strict';
import { assertPrinted, type Program, runProcess } from '../io/programs.js';
import { leavesNothingOpen } from '../support.js';

type Any = Record<string, (...parameters: unknown[]) => unknown>;

/** Runs the program, which prints 'survived' when it comes to its end. */
async function survives<D>(program: Program<D>, data?: D): Promise<void> {
  assertPrinted(await runProcess(program, {}, data), 'survived');
}

describe('misuse of the native classes', () => {
  leavesNothingOpen();

  it('constructors with the wrong arguments throw', () =>
    survives(({ newEventLoop }, { native }) => {
      const values = [undefined, null, 1, 'x', true, {}, [], () => {}, new Int32Array(4), Symbol()];
      const loop = newEventLoop();
      const names = [
        'LoopWrap',
        'TcpWrap',
        'PipeWrap',
        'LookupWrap',
        'PollWrap',
        'SignalWrap',
        'UdpWrap',
        'BareSocketWrap',
        'FileSendWrap',
        'ProcessWrap',
        'MailboxWrap',
      ] as const;
      for (const name of names) {
        const Class = native[name] as unknown as new (...given: unknown[]) => object;
        for (const first of values) for (const second of values) attempt(Class, first, second);
        attempt(Class);
        for (const second of values) attempt(Class, loop._reactor.wrap, second);
        try {
          (Class as unknown as () => void)();
        } catch {}
      }
      const throwing = {
        get runReady() {
          throw new Error('a getter that throws');
        },
      };
      attempt(native.LoopWrap as never, throwing, new Int32Array(4));
      function attempt(Class: new (...given: unknown[]) => object, ...given: unknown[]): void {
        try {
          const made = new Class(...given) as { close?(): void; cancel?(): void };
          made.close?.();
          made.cancel?.();
        } catch {}
      }
      loop.close();
      globalThis.gc?.();
      console.log('survived');
    }));

  it('methods with missing and wrong arguments answer', () =>
    survives(async ({ newEventLoop }, { native }) => {
      const values = [undefined, null, -1, 2 ** 40, 'x', true, {}, [{}], () => {}, Buffer.alloc(3)];
      const loop = newEventLoop();
      const owner = { onRead() {}, onGetBuffer: () => null, onBufferUpdated() {} };
      const openSocket = () => {
        const socket = new native.BareSocketWrap();
        socket.open(4, 1, 0);
        return socket;
      };
      const make = () =>
        [
          new native.TcpWrap(loop._reactor.wrap, { ...owner, onStreamEvent() {} }),
          new native.PipeWrap(loop._reactor.wrap, { ...owner, onStreamEvent() {} }),
          new native.LookupWrap(loop._reactor.wrap, { onLookup() {} }),
          new native.PollWrap(loop._reactor.wrap, { onEvent() {} }, 1),
          new native.SignalWrap(loop._reactor.wrap, { onEvent() {} }),
          new native.UdpWrap(loop._reactor.wrap, { onEvent() {} }, 4, new Int32Array(512)),
          new native.BareSocketWrap(),
          openSocket(),
          new native.FileSendWrap(loop._reactor.wrap, { onEvent() {} }),
          new native.ProcessWrap(loop._reactor.wrap, { onEvent() {} }),
        ] as unknown as Any[];
      const used = [loop._reactor.wrap as unknown as Any, ...make()];
      for (const wrap of used) {
        for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(wrap))) {
          if (name === 'constructor' || (name === 'close' && wrap === used[0])) continue;
          const call = (on: Any, ...given: unknown[]) => {
            try {
              on[name]?.(...given);
            } catch {}
          };
          call(wrap);
          for (const value of values) {
            call(wrap, value);
            for (const other of values) call(wrap, value, other, value, other);
          }
          for (const fresh of make()) call(fresh, '127.0.0.1', 0, false, false);
          // On a receiver of another kind.
          const method = wrap[name] as (...given: unknown[]) => unknown;
          for (const receiver of [undefined, {}, ...used]) {
            if (receiver === wrap || name === 'close') continue;
            try {
              method.call(receiver);
            } catch {}
          }
        }
      }
      for (let turn = 0; turn < 10; turn++) {
        await new Promise(setImmediate);
        globalThis.gc?.();
      }
      loop.close();
      console.log('survived');
    }));

  it('methods after close() of the socket, and of the loop, answer', () =>
    survives(async ({ newEventLoop }, { native }) => {
      const turns = async () => {
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      };
      const call = (wrap: object) => {
        for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(wrap))) {
          if (name === 'constructor') continue;
          for (const given of [[], ['127.0.0.1', 0, 0, 0], [Buffer.alloc(1), 1, true], [wrap]]) {
            try {
              (wrap as Any)[name]?.(...given);
            } catch {}
          }
        }
      };
      const loop = newEventLoop();
      const other = newEventLoop();
      const wrap = loop._reactor.wrap;
      const sockets = [native.TcpWrap, native.PipeWrap].flatMap((Class) =>
        Array.from({ length: 4 }, () => new Class(wrap, {} as never)),
      );
      const others = [
        ...Array.from({ length: 4 }, () => new native.LookupWrap(wrap, {} as never)),
        new native.PollWrap(wrap, {} as never, 1),
        new native.SignalWrap(wrap, {} as never),
        new native.UdpWrap(wrap, {} as never, 4, new Int32Array(512)),
        new native.FileSendWrap(wrap, {} as never),
        new native.BareSocketWrap(),
        new native.ProcessWrap(wrap, {} as never),
      ];
      const closed = [sockets[0], sockets[4]] as unknown as Any[];
      for (const socket of closed) socket.close?.();
      for (const socket of closed) call(socket);
      await turns();
      for (const socket of closed) call(socket);
      loop.close();
      for (const one of [wrap, ...sockets, ...others]) call(one);
      await turns();
      globalThis.gc?.();
      for (const one of [wrap, ...sockets, ...others]) call(one);
      // A dead loop is no loop for new objects.
      for (const Class of [native.TcpWrap, native.PipeWrap, native.LookupWrap, native.SignalWrap]) {
        try {
          call(new Class(wrap, {} as never));
        } catch {}
      }
      await turns();
      globalThis.gc?.();
      other.close();
      await turns();
      console.log(native.openLoops() === 0 ? 'survived' : 'a loop is left');
    }));

  it('sockets made while their loop is closing do not keep it from closing', () =>
    survives(async ({ newEventLoop }, { native }) => {
      const loop = newEventLoop();
      const wrap = loop._reactor.wrap;
      // A request on libuv's threads keeps the loop from closing at once.
      const lookup = new native.LookupWrap(wrap, { onLookup() {} });
      lookup.start('localhost', null, 0, 0, 0, 0);
      loop.close();
      for (const Class of [native.TcpWrap, native.PipeWrap, native.LookupWrap]) {
        try {
          const late = new Class(wrap, { onLookup() {} } as never) as unknown as Any;
          late.bind?.('127.0.0.1', 0, false, false);
          late.start?.('localhost', null, 0, 0, 0, 0);
        } catch {}
      }
      for (let turn = 0; turn < 100_000 && native.openLoops() > 0; turn++) {
        await new Promise(setImmediate);
      }
      console.log(native.openLoops() === 0 ? 'survived' : 'the loop is still open');
    }));

  it('a connection accepted into a socket of another loop, or into no socket, is refused', () =>
    survives(async ({ newEventLoop }, { native, Peer }) => {
      const loop = newEventLoop();
      const other = newEventLoop();
      const results: unknown[] = [];
      const listener = new native.TcpWrap(loop._reactor.wrap, {
        onStreamEvent() {
          const foreign = new native.TcpWrap(other._reactor.wrap, {} as never);
          const pipe = new native.PipeWrap(loop._reactor.wrap, {} as never);
          for (const client of [{}, undefined, loop, listener, foreign, pipe]) {
            results.push(listener.accept(client as never));
          }
          listener.close();
          foreign.close();
          other.close();
          loop.close();
        },
      } as never);
      listener.bind('127.0.0.1', 0, 0);
      listener.listen(5);
      const { port } = listener.getSocketName() as { port: number };
      const peer = await Peer.connect(port);
      await peer.closed;
      const refused = results.every((result) => (result as number) < 0);
      console.log(refused && results.length === 6 ? 'survived' : JSON.stringify(results));
    }));

  it('owners without methods, and callbacks that throw, are an ordinary uncaught error', async () => {
    const outcome = await runProcess(async ({ newEventLoop }, { native, net }) => {
      const loop = newEventLoop();
      const listener = new native.TcpWrap(loop._reactor.wrap, {} as never);
      // Collected, it would close.
      Object.assign(globalThis, { listener });
      listener.bind('127.0.0.1', 0, 0);
      listener.listen(5);
      const { port } = listener.getSocketName() as { port: number };
      process.on('uncaughtException', (error) => {
        console.log(error.name);
        process.exit(3);
      });
      net.connect(port, '127.0.0.1').on('error', () => {});
    });
    deepEqual([outcome.code, outcome.stdout], [3, 'TypeError\n']);
  });

  it('owners that are no objects do not crash', async () => {
    for (const owner of [undefined, null, 1, 'owner', Symbol.iterator.toString()]) {
      const outcome = await runProcess(
        async ({ newEventLoop }, { native, net }, value) => {
          process.on('uncaughtException', () => process.exit(0));
          const loop = newEventLoop();
          const listener = new native.TcpWrap(loop._reactor.wrap, value as never);
          Object.assign(globalThis, { listener });
          listener.bind('127.0.0.1', 0, 0);
          listener.listen(5);
          const { port } = listener.getSocketName() as { port: number };
          net.connect(port, '127.0.0.1').on('error', () => process.exit(0));
          setTimeout(() => process.exit(0), 200);
        },
        {},
        owner as unknown,
      );
      equal(outcome.signal, null, `owner ${String(owner)}: ${outcome.stderr}`);
    }
  });
});
