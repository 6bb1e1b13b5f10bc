/**
 * Datagrams that the kernel does not take at once: the queue, its flow control, closing with it.
 *
 * Over loopback the kernel takes everything. In a network namespace of its own a child sends to a neighbour
 * that does not answer, so that its small send buffer fills; naming the neighbour's hardware lets
 * everything go. Guards: pauseWriting and resumeWriting, close() sends the queue, abort() drops it.
 */

import { spawnSync } from 'node:child_process';
import { leavesNothingOpen } from '../support.js';
import { assertPrinted, type Modules, type Program, runCommand, sourceOf } from './programs.js';

const NETWORK = `
  ip link set lo up &&
  ip link add veth0 type veth peer name veth1 &&
  ip addr add 10.9.9.1/24 dev veth0 &&
  ip link set veth0 up && ip link set veth1 up`;

const possible = spawnSync('unshare', ['-rn', '/bin/sh', '-c', NETWORK]).status === 0;

/** Runs a program where 10.9.9.2 is a neighbour that does not answer. */
async function withSilentNeighbour(program: Program<undefined>, ...lines: string[]): Promise<void> {
  const script = `${NETWORK} && exec "$0" "$@"`;
  const node = [process.execPath, '--expose-gc', '--eval', sourceOf(program, undefined)];
  assertPrinted(await runCommand('unshare', ['-rn', '/bin/sh', '-c', script, ...node]), ...lines);
}

describe('queued datagrams', () => {
  leavesNothingOpen();
  before(function () {
    // No network namespaces here.
    if (!possible) this.skip();
  });

  it('pause the protocol, leave in the end, and are waited for by close()', () =>
    withSilentNeighbour(
      async ({ newEventLoop }, { DatagramRecorder, childProcess }: Modules) => {
        const loop = newEventLoop();
        const protocol = new DatagramRecorder();
        const [transport] = await loop.createDatagramEndpoint(() => protocol, {
          remoteAddr: ['10.9.9.2', 9],
        });
        transport.getExtraInfo('socket').setSendBufferSize(4096);
        transport.setWriteBufferLimits({ high: 10_000, low: 1000 });
        const size = () => transport.getWriteBufferSize();
        let sent = 0;
        while (size() === 0) {
          transport.sendto(Buffer.alloc(992, sent++));
          if (sent > 10_000) throw new Error('the kernel takes everything');
        }
        console.log('queued', size());
        transport.sendto('');
        console.log('with an empty one', size());
        for (let count = 0; count < 10; count++) transport.sendto(Buffer.alloc(992));
        console.log(protocol.events.join(' '), size(), String(transport));
        childProcess.execSync('ip neigh replace 10.9.9.2 lladdr 02:00:00:00:00:01 dev veth0');
        await protocol.resumed;
        console.log(protocol.events.join(' '), size() <= 1000);
        while (size() > 0) await new Promise(setImmediate);
        childProcess.execSync('ip neigh del 10.9.9.2 dev veth0');
        while (size() === 0) transport.sendto(Buffer.alloc(992));
        transport.close();
        await new Promise((resolve) => setTimeout(resolve, 20));
        console.log(protocol.events.at(-1), transport.isClosing());
        childProcess.execSync('ip neigh replace 10.9.9.2 lladdr 02:00:00:00:00:01 dev veth0');
        console.log(await protocol.lost, size());
        loop.close();
      },
      'queued 1000',
      'with an empty one 1008',
      'connectionMade pauseWriting 11008 <UdpTransport open bufsize=11008>',
      'connectionMade pauseWriting resumeWriting true',
      'resumeWriting true',
      'null 0',
    ));

  it('are dropped by abort(), and by closing the loop', () =>
    withSilentNeighbour(
      async ({ newEventLoop }, { DatagramRecorder, native }: Modules) => {
        const loop = newEventLoop();
        const open = async () => {
          const protocol = new DatagramRecorder();
          const [transport] = await loop.createDatagramEndpoint(() => protocol, {
            remoteAddr: ['10.9.9.2', 9],
          });
          transport.getExtraInfo('socket').setSendBufferSize(4096);
          while (transport.getWriteBufferSize() < 5000) transport.sendto(Buffer.alloc(992));
          return protocol;
        };
        const first = await open();
        first.transport.abort();
        console.log(await first.lost, first.transport.getWriteBufferSize());
        const second = await open();
        loop.close();
        while (native.openLoops() > 0) await new Promise(setImmediate);
        console.log(second.events.join(' '));
      },
      'null 0',
      'connectionMade',
    ));

  it('that the network refuses in the end are errors, and the rest is sent', () =>
    withSilentNeighbour(
      async ({ newEventLoop }, { DatagramRecorder, childProcess }: Modules) => {
        const loop = newEventLoop();
        const protocol = new DatagramRecorder();
        const [transport] = await loop.createDatagramEndpoint(() => protocol, { family: 4 });
        transport.getExtraInfo('socket').setSendBufferSize(4096);
        while (transport.getWriteBufferSize() === 0) {
          transport.sendto(Buffer.alloc(992), ['10.9.9.2', 9]);
        }
        // Queued behind the others, so its failure comes with them.
        transport.sendto('nowhere', ['203.0.113.1', 9]);
        transport.sendto('end', ['127.0.0.1', 9]);
        childProcess.execSync('ip neigh replace 10.9.9.2 lladdr 02:00:00:00:00:01 dev veth0');
        const error = await protocol.errors.next();
        console.log(error.code, error.syscall);
        while (transport.getWriteBufferSize() > 0) await new Promise(setImmediate);
        transport.close();
        console.log(await protocol.lost);
        loop.close();
      },
      'ENETUNREACH sendto',
      'null',
    ));
});
