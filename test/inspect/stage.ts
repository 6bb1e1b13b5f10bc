/**
 * The program that the tests of `uvio ps`, `pstree` and `top` look into.
 *
 * It has one server with one connection, tasks that wait for each other, a child, and a worker thread with a loop of its
 * own. SIGUSR2 makes it block for ever, SIGHUP for a while.
 */

export const STAGE = `
import { spawn } from 'node:child_process';

class Echo extends Protocol {
  connectionMade(transport) { this.transport = transport; }
  dataReceived(data) { this.transport.write(data); }
}
async function leaf() { await sleep(1_000_000); }
async function branch() {
  await gather([createTask(leaf, { name: 'leaf a' }), createTask(leaf, { name: 'leaf b' })]);
}
function whileBlocked() { spin(700); }
function forEver() { for (;;); }
async function main() {
  const loop = getRunningLoop();
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  process.on('exit', () => child.kill());
  const worker = inWorker("await run(async () => { parentPort.postMessage('up'); await sleep(1_000_000); }, { signals: false })");
  await once(worker, 'message');
  const server = await loop.createServer(() => new Echo(), '127.0.0.1', 0);
  const { port } = server.sockets[0].getsockname();
  const [reader, writer] = await openConnection('127.0.0.1', port);
  writer.write('hello');
  await reader.readexactly(5);
  loop.addSignalHandler('SIGHUP', whileBlocked);
  loop.addSignalHandler('SIGUSR2', forEver);
  process.on('SIGTERM', () => process.exit(0));
  console.log('port ' + port + ' child ' + child.pid);
  await createTask(branch, { name: 'branch' });
}
await run(main, { debug: process.env.STAGE_DEBUG === '1', signals: false });`;
