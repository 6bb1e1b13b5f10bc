/**
 * Protocols that throw in any of their callbacks.
 *
 * As in asyncio: what a protocol throws goes to the loop's exception handler with message, exception,
 * transport and protocol; the connection ends with it (pauseWriting and resumeWriting aside, whose
 * errors are only reported); the process lives and the server goes on serving.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { BufferedProtocol, type Protocol, type StreamProtocol, type Transport } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { Echo, Peer, Recorder, withServer } from './peers.js';
import { runProcess } from './programs.js';

type Method =
  | 'connectionMade'
  | 'dataReceived'
  | 'eofReceived'
  | 'pauseWriting'
  | 'resumeWriting'
  | 'connectionLost'
  | 'getBuffer'
  | 'bufferUpdated';

const LARGE = 8 * 1024 * 1024;

/** Calls `act` at the start of one method, of a protocol of the kind that has it. */
function protocolWith(method: Method, act: (transport: Transport) => void): StreamProtocol {
  const protocol =
    method === 'getBuffer' || method === 'bufferUpdated' ? new Buffered() : new Echo();
  let transport: Transport;
  const made = protocol.connectionMade.bind(protocol);
  protocol.connectionMade = (given: Transport) => {
    transport = given;
    made(given);
    if (method === 'connectionMade') act(given);
  };
  if (method !== 'connectionMade') {
    const target = protocol as unknown as Record<Method, (...given: unknown[]) => unknown>;
    const original = target[method].bind(protocol);
    target[method] = (...given) => {
      act(transport);
      return original(...given);
    };
  }
  return protocol;
}

class Buffered extends BufferedProtocol {
  readonly #memory = Buffer.alloc(1000);

  override getBuffer(): Uint8Array {
    return this.#memory;
  }
}

/** Makes the peer and the transport do what leads to a call of `method`. */
async function provoke(method: Method, peer: Peer, protocol: StreamProtocol): Promise<void> {
  if (method === 'eofReceived' || method === 'connectionLost') peer.socket.end();
  else if (method !== 'pauseWriting' && method !== 'resumeWriting') peer.socket.write('hello');
  else {
    const { transport } = protocol as unknown as { transport: Transport };
    peer.socket.pause();
    transport.write(Buffer.alloc(LARGE));
    peer.socket.resume();
  }
}

describe('protocols that throw', () => {
  leavesNothingOpen();

  const fatal = ['connectionMade', 'dataReceived', 'eofReceived'] as const;
  for (const method of [...fatal, 'getBuffer', 'bufferUpdated'] as const) {
    it(`an error in ${method}() is reported and ends the connection with it`, async () => {
      const failure = new Error(`thrown by ${method}`);
      let failing = true;
      const lost: unknown[] = [];
      let protocol!: StreamProtocol;
      const make = () => {
        if (!failing) return new Echo();
        protocol = protocolWith(method, () => {
          throw failure;
        });
        protocol.connectionLost = (error) => lost.push(error);
        return protocol;
      };
      await withServer(make, async ({ port, reports }) => {
        const peer = await Peer.connect(port);
        await provoke(method, peer, protocol);
        await peer.closed;
        deepEqual(lost, [failure]);
        const [report, ...others] = reports.splice(0);
        deepEqual(others, []);
        equal(report?.message, `Fatal error: protocol.${method}() call failed.`);
        equal(report?.exception, failure);
        equal(report?.protocol, protocol);
        const transport = report?.transport as Transport | undefined;
        equal(transport?.getProtocol(), protocol);
        equal(transport?.isClosing(), true);
        failing = false;
        const next = await Peer.connect(port);
        equal(await next.ask('still serving'), 'still serving');
        await next.close();
      });
    });
  }

  for (const method of ['pauseWriting', 'resumeWriting'] as const) {
    it(`an error in ${method}() is reported, and the connection goes on`, async () => {
      const failure = new Error(`thrown by ${method}`);
      const protocol = protocolWith(method, () => {
        throw failure;
      });
      await withServer(
        () => protocol as Protocol,
        async ({ port, reports }) => {
          const peer = await Peer.connect(port);
          equal(await peer.ask('first'), 'first');
          await provoke(method, peer, protocol);
          await peer.inbox.has(LARGE + 5);
          equal(await peer.ask('last'), 'last');
          const [report, ...others] = reports.splice(0);
          deepEqual(others, []);
          equal(report?.message, `protocol.${method}() failed`);
          equal(report?.exception, failure);
          equal(report?.protocol, protocol);
          ok(report?.transport !== undefined);
          await peer.close();
        },
      );
    });
  }

  it('an error in connectionLost() is reported, and the descriptor is closed', async () => {
    const failure = new Error('thrown by connectionLost');
    const protocol = protocolWith('connectionLost', () => {
      throw failure;
    });
    await withServer(
      () => protocol,
      async ({ port, reports, server }) => {
        const peer = await Peer.connect(port);
        await provoke('connectionLost', peer, protocol);
        await peer.ended;
        peer.socket.destroy();
        await peer.closed;
        server.close();
        await server.waitClosed();
        const [report, ...others] = reports.splice(0);
        deepEqual(others, []);
        equal(report?.exception, failure);
        equal(report?.protocol, protocol);
        ok(report?.transport !== undefined);
        ok(String(report?.message).includes('connectionLost'));
      },
    );
  });

  const factories: Record<string, () => unknown> = {
    'a factory that throws': () => {
      throw new Error('no protocol today');
    },
    'a factory that returns nothing': () => undefined,
    'a factory that returns something else': () => ({ dataReceived() {} }),
  };
  for (const [name, factory] of Object.entries(factories)) {
    it(`${name} is reported, the peer is sent away, the next one served`, async () => {
      let good = false;
      const make = () => (good ? new Echo() : (factory() as never));
      await withServer(make, async ({ port, reports }) => {
        const peer = await Peer.connect(port);
        await peer.closed;
        const [report, ...others] = reports.splice(0);
        deepEqual(others, []);
        ok(report?.exception instanceof Error);
        equal(report?.message, 'Error on transport creation for incoming connection');
        good = true;
        const next = await Peer.connect(port);
        equal(await next.ask('hello'), 'hello');
        await next.close();
      });
    });
  }

  it("an error in a client's factory rejects createConnection with it", async () => {
    await withServer(
      () => new Echo(),
      async ({ loop, port }) => {
        const failure = new Error('no client');
        const connecting = loop.createConnection(
          () => {
            throw failure;
          },
          '127.0.0.1',
          port,
        );
        equal(await connecting.catch((error: unknown) => error), failure);
      },
    );
  });

  it('a value that is no Error ends the connection with an Error that shows it', async () => {
    const server = new Recorder({
      dataReceived() {
        throw 'a string';
      },
    });
    await withServer(
      () => server,
      async ({ port, reports }) => {
        const peer = await Peer.connect(port);
        peer.socket.write('x');
        const error = await server.lost;
        ok(error instanceof Error);
        ok(error.message.includes('a string'));
        equal(reports.splice(0)[0]?.exception, 'a string');
        await peer.closed;
      },
    );
  });

  it('without a handler the report goes to stderr with the stack, and the process lives', async () => {
    const outcome = await runProcess(async ({ newEventLoop }, { Recorder, Peer, portOf }) => {
      const loop = newEventLoop();
      const server = await loop.createServer(
        () =>
          new Recorder({
            dataReceived() {
              throw new RangeError('out of everything');
            },
          }),
        '127.0.0.1',
        0,
      );
      const peer = await Peer.connect(portOf(server));
      peer.socket.write('x');
      await peer.closed;
      console.log('alive');
      server.close();
    });
    deepEqual([outcome.code, outcome.stdout], [0, 'alive\n']);
    ok(outcome.stderr.startsWith('Fatal error: protocol.dataReceived() call failed.'));
    ok(/RangeError: out of everything\n +at /.test(outcome.stderr), outcome.stderr);
  });
});
