/**
 * sendfile over TLS, of which the system knows nothing: the file is read and written.
 *
 * Guards: the same bytes arrive, a protocol that was told to pause before is told to go
 * on once, and the native way, which would send the file unencrypted, is never taken.
 */

import { equal, ok, rejects, throws } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CancelledError, type EventLoop, RuntimeError } from 'uvio';
import { leavesNothingOpen } from '../support.js';
import { withFile } from './files.js';
import { hasProgram, withFolder } from './local_peers.js';
import { portOf, Recorder, sha256, withLoop } from './peers.js';

const MEGABYTE = 1024 * 1024;

interface Certificate {
  key: Buffer;
  cert: Buffer;
}

/** Runs `body` with a certificate that signs itself. */
function withCertificate(body: (options: Certificate) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const [key, cert] = ['key', 'cert'].map((name) => join(folder, name)) as [string, string];
    const command =
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost';
    execFileSync('openssl', [...command.split(' '), '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    await body({ key: readFileSync(key), cert: readFileSync(cert) });
  });
}

/** A server with its one client. */
async function connected(loop: EventLoop, ssl: Certificate) {
  const far = new Recorder();
  const server = await loop.createServer(() => far, '127.0.0.1', 0, { ssl });
  const near = new Recorder();
  const options = { ssl: { ca: ssl.cert }, serverHostname: 'localhost' };
  const place = ['127.0.0.1', portOf(server)] as const;
  const [transport] = await loop.createConnection(() => near, ...place, options);
  return { far, server, near, transport };
}

describe('sendfile over TLS', () => {
  leavesNothingOpen();

  before(function () {
    if (!hasProgram('openssl')) this.skip();
  });

  it('reads the file and encrypts it, in its place between writes', () =>
    withCertificate((ssl) =>
      withFile(5 * MEGABYTE, ({ fd, data, position }) =>
        withLoop(async (loop) => {
          const { far, server, near, transport } = await connected(loop, ssl);
          // So much that the protocol is told to pause before the file begins.
          const before = Buffer.alloc(8 * MEGABYTE, 'b');
          transport.write(before);
          equal(near.events.at(-1), 'pauseWriting');
          equal(await loop.sendfile(transport, fd, 1000), data.length - 1000);
          transport.write('after');
          const whole = Buffer.concat([before, data.subarray(1000), Buffer.from('after')]);
          await far.inbox.has(whole.length);
          equal(sha256(far.inbox.bytes()), sha256(whole));
          equal(position(), data.length);
          equal(transport.getProtocol(), near);
          equal(transport.isReading(), true);
          equal(near.events.filter((event) => event === 'pauseWriting').length, 1);
          while (near.events.at(-1) !== 'resumeWriting') await new Promise(setImmediate);
          const refused = loop.sendfile(transport, fd, 0, null, { fallback: false });
          await rejects(refused, {
            constructor: RuntimeError,
            message: /^fallback is disabled and native sendfile is not supported for transport </,
          });
          transport.close();
          await near.lost;
          await server[Symbol.asyncDispose]();
          throws(() => loop.sendfile(transport, fd), /Transport is closing/);
        }),
      ),
    ));

  it('can be cancelled: the position is behind what the transport has taken, which arrives', () =>
    withCertificate((ssl) =>
      withFile(20 * MEGABYTE, ({ fd, position, data }) =>
        withLoop(async (loop) => {
          const { far, server, near, transport } = await connected(loop, ssl);
          await far.made;
          far.transport.pauseReading();
          const sending = loop.sendfile(transport, fd);
          while (transport.getWriteBufferSize() <= 64 * 1024) await new Promise(setImmediate);
          sending.cancel();
          await rejects(sending, CancelledError);
          far.transport.resumeReading();
          transport.close();
          await far.lost;
          const received = far.inbox.bytes();
          equal(position(), received.length);
          equal(sha256(received), sha256(data.subarray(0, received.length)));
          await near.lost;
          await server[Symbol.asyncDispose]();
        }),
      ),
    ));

  it('fails when the connection goes', () =>
    withCertificate((ssl) =>
      withFile(20 * MEGABYTE, ({ fd, position, data }) =>
        withLoop(async (loop) => {
          const { far, server, near, transport } = await connected(loop, ssl);
          const sending = loop.sendfile(transport, fd);
          await far.inbox.has(MEGABYTE);
          far.transport.abort();
          await rejects(sending, { code: /^(ECONNRESET|EPIPE|ECONNABORTED)$/ });
          await near.lost;
          ok(position() < data.length);
          await server[Symbol.asyncDispose]();
        }),
      ),
    ));
});
