/**
 * Two copies of the package in one process, as npm installs them for two packages that want different versions.
 *
 * Guards: what is of the process in the native side (the threads that start programs, the hook into OpenSSL, the
 * addon that is kept loaded) is of each copy, and both work beside each other; one file loaded twice, too.
 */

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertPrinted, root, runNode } from '../io/programs.js';

const release = join(root, 'build', 'Release', 'uvio.node');

/** The program: each copy serves TLS and starts a program, and is the other's client. */
async function serveEachOther(files: string[], certificates: string) {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const pem = (name: string) => readFileSync(`${certificates}/${name}.pem`);
  const key = readFileSync(`${certificates}/server.key`);
  const copies: typeof import('uvio')[] = await Promise.all(files.map((file) => import(file)));
  const loops = copies.map(({ newEventLoop }) => newEventLoop());
  const servers = await Promise.all(
    copies.map(({ Protocol }, index) => {
      class Echo extends Protocol {
        #transport: import('uvio').Transport | null = null;
        override connectionMade(transport: import('uvio').Transport) {
          this.#transport = transport;
        }
        override dataReceived(data: Buffer) {
          this.#transport?.write(data);
        }
      }
      const ssl = { key, cert: pem('server') };
      return loops[index]?.createServer(() => new Echo(), '127.0.0.1', 0, { ssl });
    }),
  );
  for (const [index, { Protocol, createSubprocessExec, PIPE, run }] of copies.entries()) {
    const { port } = (servers[1 - index]?.sockets[0]?.getsockname() ?? {}) as { port: number };
    const echoed = await new Promise((resolve, reject) => {
      class Client extends Protocol {
        override connectionMade(transport: import('uvio').Transport) {
          transport.write(`from ${index}`);
        }
        override dataReceived(data: Buffer) {
          resolve(String(data));
        }
      }
      const ssl = { ca: pem('authority') };
      const options = { ssl, serverHostname: 'localhost' };
      loops[index]?.createConnection(() => new Client(), '127.0.0.1', port, options).catch(reject);
    });
    console.log(echoed);
    await run(async () => {
      const child = await createSubprocessExec('echo', [`child of ${index}`], { stdout: PIPE });
      const [output] = await child.communicate();
      process.stdout.write(output as Buffer);
    });
  }
  for (const loop of loops) loop.close();
  console.log(copies[0]?.EventLoop === copies[1]?.EventLoop);
}

describe('two copies of the package in one process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'uvio-copies-'));
  after(() => rmSync(folder, { recursive: true }));

  const certificates = JSON.stringify(join(root, 'test/certificates'));
  const program = (files: string[], addon?: string) =>
    runNode(['--eval', `(${serveEachOther})(${JSON.stringify(files)}, ${certificates})`], {
      env: { UVIO_ADDON: addon },
    });
  const lines = ['from 0', 'child of 0', 'from 1', 'child of 1', 'false'];

  it('serve each other', async function () {
    this.timeout(60_000);
    const files = ['one', 'two'].map((name) => {
      const copy = join(folder, name);
      cpSync(join(root, 'dist/src'), join(copy, 'dist/src'), { recursive: true });
      cpSync(join(root, 'package.json'), join(copy, 'package.json'));
      cpSync(process.env.UVIO_ADDON ?? release, join(copy, 'build/Release/uvio.node'));
      return join(copy, 'dist/src/index.js');
    });
    assertPrinted(await program(files), ...lines);
  });

  it('may have one addon between them', async function () {
    this.timeout(60_000);
    cpSync(join(root, 'dist/src'), join(folder, 'again/dist/src'), { recursive: true });
    cpSync(join(root, 'package.json'), join(folder, 'again/package.json'));
    const files = [join(root, 'dist/src/index.js'), join(folder, 'again/dist/src/index.js')];
    assertPrinted(await program(files, process.env.UVIO_ADDON ?? release), ...lines);
  });
});
