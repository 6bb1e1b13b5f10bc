/**
 * TLS and the ends of threads and processes: the addon hooks into the OpenSSL that it shares with Node.
 */

import { equal } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { leavesNothingOpen } from '../support.js';
import { runProcess } from './programs.js';
import { SERVER } from './tls_peers.js';

const pem = { key: String(SERVER.key), cert: String(SERVER.cert) };
const identity = JSON.stringify(pem);
const entry = JSON.stringify(new URL('../../src/index.js', import.meta.url).href);

describe('TLS at the end of a thread', () => {
  leavesNothingOpen();

  it('Node’s own TLS goes on after the workers that loaded the addon have gone', async () => {
    // The main thread does not load it, so that Node would unload it with each of them.
    const inWorker = `
      const { run, getRunningLoop, Protocol, openConnection } = await import(${entry});
      await run(async () => {
        const ssl = ${identity};
        const server = await getRunningLoop().createServer(() => new Protocol(), '127.0.0.1', 0, { ssl });
        const { port } = server.sockets[0].getsockname();
        const [, writer] = await openConnection('127.0.0.1', port, { ssl: { rejectUnauthorized: false } });
        writer.close();
        await writer.waitClosed();
        server.close();
        await server.waitClosed();
      });`;
    const source = `
      import { Worker } from 'node:worker_threads';
      import { once } from 'node:events';
      import tls from 'node:tls';
      const url = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(inWorker)}));
      for (let times = 0; times < 3; times++) {
        const [code] = await once(new Worker(url), 'exit');
        console.log('worker', code);
      }
      const server = tls.createServer(${identity}, (socket) => socket.end('alive'));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address();
      const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
      for await (const data of socket) console.log(String(data));
      server.close();`;
    const words = ['--input-type=module', '--eval', source];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, words);
    equal(stderr, '');
    equal(stdout, 'worker 0\nworker 0\nworker 0\nalive\n');
  });

  it('a process may end, and a worker be terminated, in the middle of TLS', async () => {
    const outcome = await runProcess(
      async (uvio, { threads, events }, { from, pem: identity }) => {
        const source = `
          const { parentPort } = await import('node:worker_threads');
          const { newEventLoop, Protocol } = await import(${JSON.stringify(from)});
          const loop = newEventLoop();
          const ssl = ${JSON.stringify(identity)};
          const server = await loop.createServer(() => new Protocol(), '127.0.0.1', 0, { ssl });
          class Flood extends Protocol {
            connectionMade(transport) {
              parentPort.postMessage('made');
              for (;;) transport.write(Buffer.alloc(100_000));
            }
          }
          const { port } = server.sockets[0].getsockname();
          loop.createConnection(() => new Flood(), '127.0.0.1', port, { ssl: { rejectUnauthorized: false } });`;
        const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
        const worker = new threads.Worker(url);
        await events.once(worker, 'message');
        await worker.terminate();
        const loop = uvio.newEventLoop();
        const made = loop.createFuture<void>();
        class Client extends uvio.Protocol {
          override connectionMade(): void {
            made.setResult();
          }
        }
        const options = { ssl: identity };
        const server = await loop.createServer(() => new uvio.Protocol(), '127.0.0.1', 0, options);
        const port = server.sockets[0]?.getsockname().port as number;
        const ssl = { rejectUnauthorized: false };
        loop.createConnection(() => new Client(), '127.0.0.1', port, { ssl });
        await made;
        console.log('made');
        process.exit(0);
      },
      {},
      { from: JSON.parse(entry) as string, pem },
    );
    equal(outcome.stderr, '');
    equal(outcome.stdout, 'made\n');
    equal(outcome.code, 0);
  });
});
