/**
 * Out of descriptors: EMFILE on accept, on connect and on making a loop, with a low limit.
 *
 * Each case runs in a process of its own. Guards: the process survives and does not spin, the loop's
 * exception handler hears of it, established connections go on, and accepting begins again once
 * descriptors are free.
 */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { leavesNothingOpen } from '../support.js';
import { Deferred, Echo, Peer, portOf, withLoop } from './peers.js';
import { assertPrinted, type Outcome, runProcess } from './programs.js';

const descriptors = 128;

function lines(outcome: Outcome): string[] {
  deepEqual([outcome.code, outcome.signal], [0, null], outcome.stderr);
  return outcome.stdout.trim().split('\n');
}

describe('out of descriptors', () => {
  leavesNothingOpen();

  it('a server survives, reports, does not spin, and accepts again', async function () {
    this.timeout(60_000);
    const peers: Peer[] = [];
    let told = '';
    const heard = new Deferred<{ tell(): void; end(): void }>();
    const exited = runProcess(
      async ({ newEventLoop }, { Echo: Served, portOf: portOfServer, fs }) => {
        const loop = newEventLoop();
        let reports = 0;
        let code = '';
        loop.setExceptionHandler((_loop, { exception }) => {
          reports++;
          code = (exception as { code: string }).code;
        });
        const server = await loop.createServer(() => new Served(), '127.0.0.1', 0);
        // Leave room for a handful of connections.
        const fillers: number[] = [];
        const full = fs.readdirSync('/proc/self/fd').length;
        for (let open = full; open < 122; open++) fillers.push(fs.openSync('/dev/null', 'r'));
        process.stdout.write(`${portOfServer(server)}\n`);
        let cpu = process.cpuUsage();
        process.on('SIGUSR2', () => {
          const { user, system } = process.cpuUsage(cpu);
          cpu = process.cpuUsage();
          process.stdout.write(`${JSON.stringify({ reports, code, cpu: user + system })}\n`);
          for (const filler of fillers.splice(0)) fs.closeSync(filler);
        });
        process.once('SIGTERM', () => process.exit(0));
      },
      {
        descriptors,
        timeout: 40_000,
        onSpawn(child) {
          const tell = () => child.kill('SIGUSR2');
          const end = () => child.kill('SIGTERM');
          child.stdout?.on('data', (text: Buffer) => {
            told += text;
            heard.resolve({ tell, end });
          });
        },
      },
    );
    const { tell, end } = await heard.promise;
    const line = async (index: number) => {
      while (told.split('\n').length < index + 2) await new Promise((r) => setTimeout(r, 5));
      return told.split('\n')[index] as string;
    };
    const port = Number(await line(0));
    try {
      await fillAndRelease(port, peers, tell, line);
    } finally {
      await Promise.all(peers.map((peer) => peer.close()));
      end();
    }
    lines(await exited);
  });

  it('createConnection and createServer say EMFILE, and work again afterwards', async () => {
    await withLoop(async (loop) => {
      const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
      const outcome = await runProcess(
        async ({ newEventLoop, Protocol }, { fs }, port) => {
          const own = newEventLoop();
          const codeOf = (future: PromiseLike<unknown>) =>
            future.then(
              () => 'ok',
              (error: { code: string }) => error.code,
            );
          const connect = () => own.createConnection(() => new Protocol(), '127.0.0.1', port);
          const serve = () => own.createServer(() => new Protocol(), '127.0.0.1', 0);
          const fillers: number[] = [];
          try {
            for (;;) fillers.push(fs.openSync('/dev/null', 'r'));
          } catch {
            console.log(await codeOf(connect()), await codeOf(serve()));
          }
          for (const filler of fillers) fs.closeSync(filler);
          const [transport] = await connect();
          const another = await serve();
          console.log('works again');
          transport.abort();
          another.close();
        },
        { descriptors },
        portOf(server),
      );
      assertPrinted(outcome, 'EMFILE EMFILE', 'works again');
      await server[Symbol.asyncDispose]();
    });
  });

  it('a new loop says EMFILE at every step at which it can fail, and leaves nothing', async () => {
    const outcome = await runProcess(
      async ({ newEventLoop }, { fs, native }) => {
        const fillers: number[] = [];
        try {
          for (;;) fillers.push(fs.openSync('/dev/null', 'r'));
        } catch {}
        const results: string[] = [];
        for (let free = 0; free < 24; free++) {
          try {
            const loop = newEventLoop();
            loop.close();
            results.push('made');
          } catch (error) {
            results.push((error as { code: string }).code);
          }
          for (let turn = 0; turn < 50 && native.openLoops() > 0; turn++) {
            await new Promise(setImmediate);
          }
          fs.closeSync(fillers.pop() as number);
        }
        const made = results.indexOf('made');
        console.log(results[0], made > 0, new Set(results.slice(0, made)).size);
        console.log(new Set(results.slice(made)).size, native.openLoops());
      },
      { descriptors },
    );
    assertPrinted(outcome, 'EMFILE true 1', '1 0');
  });

  it('the handler that hears of it may close the loop', async () => {
    const outcome = await runProcess(
      async ({ newEventLoop }, { Echo: Served, fs, native, net, portOf: portOfServer }) => {
        const loop = newEventLoop();
        const server = await loop.createServer(() => new Served(), '127.0.0.1', 0);
        const fillers: number[] = [];
        const closed = new Promise<void>((resolve) => {
          loop.setExceptionHandler((_loop, { exception }) => {
            for (const filler of fillers) fs.closeSync(filler);
            console.log((exception as { code: string }).code);
            loop.close();
            resolve();
          });
        });
        // The socket is there, and the connection on its way, before the table is full.
        const client = net.connect(portOfServer(server), '127.0.0.1').on('error', () => {});
        await new Promise<void>((resolve) => process.nextTick(resolve));
        try {
          for (;;) fillers.push(fs.openSync('/dev/null', 'r'));
        } catch {}
        await closed;
        client.destroy();
        for (let turn = 0; turn < 50 && native.openLoops() > 0; turn++) {
          await new Promise(setImmediate);
        }
        console.log(native.openLoops());
      },
      { descriptors },
    );
    assertPrinted(outcome, 'EMFILE', '0');
  });
});

/** More connections than the server has descriptors for, then room again. */
async function fillAndRelease(
  port: number,
  peers: Peer[],
  release: () => void,
  line: (index: number) => Promise<string>,
): Promise<void> {
  for (let index = 0; index < 30; index++) peers.push(await Peer.connect(port));
  const first = peers[0] as Peer;
  equal(await first.ask('the first is served'), 'the first is served');
  // Half a second of a full table.
  await new Promise((resolve) => setTimeout(resolve, 500));
  equal(await first.ask('still'), 'still');
  release();
  const report = JSON.parse(await line(1)) as { reports: number; code: string; cpu: number };
  equal(report.code, 'EMFILE');
  ok(report.reports >= 1 && report.reports < 1000, `${report.reports} reports`);
  ok(report.cpu < 400_000, `${report.cpu / 1000} ms of CPU in half a second`);
  // There is room now: a new connection is served.
  const next = await Peer.connect(port);
  peers.push(next);
  equal(await next.ask('served again'), 'served again');
}
