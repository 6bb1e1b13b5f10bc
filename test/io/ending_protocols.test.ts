/**
 * Protocols that end their connection, or their whole loop, inside any of their callbacks.
 *
 * libuv is in the middle of something each time (allocating memory for a read, reporting a write), so
 * a mistake is a crash: every case runs in a process of its own. Guards: no crash, connectionLost
 * once, and no native loop left after loop.close().
 */

import { leavesNothingOpen } from '../support.js';
import { assertPrinted, runProcess } from './programs.js';

const everywhere = [
  'connectionMade',
  'dataReceived',
  'eofReceived',
  'pauseWriting',
  'resumeWriting',
  'connectionLost',
  'getBuffer',
  'bufferUpdated',
] as const;

describe('protocols that end their connection', () => {
  leavesNothingOpen();

  for (const way of ['close', 'abort', 'loop.close'] as const) {
    for (const method of everywhere) {
      it(`${way}() inside ${method}() ends it without a crash`, async () => {
        // In a child, since a mistake of this kind is a crash of the process.
        const outcome = await runProcess(
          async (uvio, { Peer, portOf, native, Recorder }, [ending, where]) => {
            const loop = uvio.newEventLoop();
            const calls: string[] = [];
            const memory = Buffer.alloc(1000);
            let transport!: import('uvio').Transport;
            const act = (name: string) => {
              calls.push(name);
              if (name !== where || calls.filter((call) => call === name).length > 1) return;
              if (ending === 'loop.close') loop.close();
              else transport[ending as 'close' | 'abort']();
            };
            const buffered = where === 'getBuffer' || where === 'bufferUpdated';
            const protocol = new Recorder({
              connectionMade(made) {
                transport = made;
                act('connectionMade');
                if (where.endsWith('Writing')) made.write(Buffer.alloc(8 * 1024 * 1024));
              },
              dataReceived: () => act('dataReceived'),
              eofReceived: () => act('eofReceived'),
              pauseWriting: () => act('pauseWriting'),
              resumeWriting: () => act('resumeWriting'),
              connectionLost: () => act('connectionLost'),
            });
            if (buffered) {
              Object.assign(protocol, {
                getBuffer() {
                  act('getBuffer');
                  return memory;
                },
                bufferUpdated: () => act('bufferUpdated'),
              });
            }
            const server = await loop.createServer(() => protocol, '127.0.0.1', 0);
            const peer = await Peer.connect(portOf(server));
            peer.socket.end('hello');
            await peer.closed;
            server.close();
            while (ending !== 'loop.close' && calls.at(-1) !== 'connectionLost') {
              await new Promise(setImmediate);
            }
            const lost = calls.filter((call) => call === 'connectionLost').length;
            if (ending !== 'loop.close' && lost !== 1) throw new Error(`calls: ${calls}`);
            loop.close();
            for (let turn = 0; turn < 100 && native.openLoops() > 0; turn++) {
              await new Promise(setImmediate);
            }
            console.log(calls.includes(where), native.openLoops());
          },
          {},
          [way, method] as const,
        );
        assertPrinted(outcome, 'true 0');
      });
    }
  }
});
