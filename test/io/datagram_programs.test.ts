/**
 * Datagram endpoints with programs that know nothing of uvio: Python, socat and nc.
 */

import { equal } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { leavesNothingOpen } from '../support.js';
import { addressOf, closeAll, echo, endpoint } from './datagram_peers.js';
import { withLoop } from './peers.js';

const isInstalled = (program: string) =>
  spawnSync('/bin/sh', ['-c', `command -v ${program}`]).status === 0;

describe('datagram endpoints and other programs', () => {
  leavesNothingOpen();

  it('talk with Python', () =>
    withLoop(async (loop) => {
      const server = await endpoint(loop, undefined, echo());
      const script = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('127.0.0.1', ${addressOf(server).port}))
for size in (0, 1, 65507):
    s.send(b'p' * size)
    print(len(s.recv(70000)))
`;
      const python = spawn('python3', ['-c', script]);
      let output = '';
      python.stdout.on('data', (text) => {
        output += text;
      });
      await once(python, 'close');
      equal(output, '0\n1\n65507\n');
      await closeAll(server);
    }));

  for (const [program, command] of [
    ['socat', (port: number) => ['socat', '-t2', '-', `UDP4:127.0.0.1:${port}`]],
    ['nc', (port: number) => ['nc', '-u', '-w1', '127.0.0.1', `${port}`]],
  ] as const) {
    it(`talk with ${program}`, function () {
      this.timeout(10_000);
      if (!isInstalled(program)) this.skip();
      return withLoop(async (loop) => {
        const server = await endpoint(loop, undefined, echo());
        const [file, ...args] = command(addressOf(server).port);
        const child = spawn(file as string, args, { stdio: ['pipe', 'pipe', 'inherit'] });
        child.stdin.write('over and back');
        const [answer] = await once(child.stdout, 'data');
        equal(String(answer), 'over and back');
        child.stdin.end();
        child.kill();
        await once(child, 'close');
        await closeAll(server);
      });
    });
  }
});
