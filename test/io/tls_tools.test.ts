/**
 * TLS with the programs that everybody has: openssl s_client and s_server, and curl.
 */

import { deepEqual, equal, match } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Protocol, type Transport } from 'uvio';
import { leavesNothingOpen, toolEnvironment } from '../support.js';
import { hasProgram } from './local_peers.js';
import { Echo, Recorder, withLoop } from './peers.js';
import {
  AUTHORITY,
  CLIENT,
  certificatePath,
  SERVER,
  TRUST,
  tlsOf,
  withBothEngines,
  withTlsServer,
} from './tls_peers.js';

const authority = ['-CAfile', certificatePath('authority.pem')];

/** Runs `use` with a program, and ends it if it has not ended. */
async function withProgram<T>(
  words: string[],
  use: (program: ChildProcess, output: () => string) => Promise<T>,
): Promise<T> {
  const [name, ...rest] = words as [string, ...string[]];
  const program = spawn(name, rest, { stdio: 'pipe', env: toolEnvironment() });
  const closed = once(program, 'close');
  let output = '';
  for (const stream of [program.stdout, program.stderr]) {
    stream?.on('data', (data) => {
      output += data;
    });
  }
  program.stdin?.on('error', () => {});
  try {
    return await use(program, () => output);
  } finally {
    program.kill('SIGKILL');
    await closed;
  }
}

/** Waits until the program has said `words`. */
async function said(program: ChildProcess, output: () => string, words: RegExp): Promise<void> {
  while (!words.test(output())) await once(program.stdout as NodeJS.ReadableStream, 'data');
}

/** Answers one request, and says goodbye. */
class Http extends Protocol {
  #transport!: Transport;
  override connectionMade(transport: Transport): void {
    this.#transport = transport;
  }
  override dataReceived(): void {
    const body = 'x'.repeat(100_000);
    this.#transport.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    this.#transport.close();
  }
}

describe('TLS with programs', () => {
  leavesNothingOpen();
  withBothEngines(() => {
    it('openssl s_client talks to a server, with ALPN, a name and a certificate', function () {
      if (!hasProgram('openssl')) this.skip();
      const server = new Recorder({
        dataReceived(data, transport) {
          transport.write(data);
        },
      });
      return withTlsServer(
        () => server,
        ({ port }) =>
          withProgram(
            [
              ...['openssl', 's_client', '-connect', `127.0.0.1:${port}`, ...authority],
              ...['-servername', 'localhost', '-alpn', 'h2,line', '-verify_return_error'],
              ...['-cert', certificatePath('client.pem'), '-key', certificatePath('client.key')],
            ],
            async (program, output) => {
              await said(program, output, /Verify return code: 0 \(ok\)/);
              match(output(), /ALPN protocol: line/);
              program.stdin?.write('hello there\n');
              await said(program, output, /hello there/);
              equal(tlsOf(server.transport).getPeerCertificate().subject.CN, 'a client');
              equal(tlsOf(server.transport).servername, 'localhost');
              program.stdin?.end('Q\n');
              equal(await server.lost, null);
            },
          ),
        { ...SERVER, ca: AUTHORITY, requestCert: true, ALPNProtocols: ['line'] },
      );
    });

    it('a client talks to openssl s_server, which asks for its certificate', function () {
      if (!hasProgram('openssl')) this.skip();
      return withProgram(
        [
          ...['openssl', 's_server', '-accept', '127.0.0.1:0', ...authority, '-rev'],
          ...['-cert', certificatePath('server.pem'), '-key', certificatePath('server.key')],
          ...['-Verify', '1', '-alpn', 'rev', '-verify_return_error'],
        ],
        async (program, output) => {
          await said(program, output, /ACCEPT .*:(\d+)/);
          const port = Number(/ACCEPT .*:(\d+)/.exec(output())?.[1]);
          await withLoop(async (loop) => {
            const client = new Recorder();
            const ssl = { ...TRUST, ...CLIENT, ALPNProtocols: ['rev'] };
            const [transport] = await loop.createConnection(() => client, '127.0.0.1', port, {
              ssl,
            });
            equal(tlsOf(transport).alpnProtocol, 'rev');
            transport.write('hello\n');
            await client.inbox.has(6);
            equal(client.inbox.text(), 'olleh\n');
            transport.close();
            await client.lost;
          });
        },
      );
    });

    it('curl reads a page', function () {
      if (!hasProgram('curl')) this.skip();
      return withTlsServer(
        () => new Http(),
        ({ port }) =>
          withProgram(
            [
              ...['curl', '--silent', '--show-error', '--cacert', certificatePath('authority.pem')],
              `https://localhost:${port}/`,
            ],
            async (program, output) => {
              deepEqual(await once(program, 'close'), [0, null], output());
              equal(output(), 'x'.repeat(100_000));
            },
          ),
      );
    });

    it('curl refuses a name that is not in the certificate', function () {
      if (!hasProgram('curl')) this.skip();
      return withTlsServer(
        () => new Echo(),
        ({ port }) =>
          withProgram(
            [
              ...['curl', '--silent', '--show-error', '--cacert', certificatePath('authority.pem')],
              ...['--resolve', `elsewhere.example:${port}:127.0.0.1`],
              `https://elsewhere.example:${port}/`,
            ],
            async (program) => deepEqual(await once(program, 'close'), [60, null]),
          ),
      );
    });
  });
});
