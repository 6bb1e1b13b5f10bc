// Sends a file to 127.0.0.1:PORT again and again, in one of several ways, and prints what that cost: CPU (user and system, all
// threads) and time, in JSON. Every way opens one connection, warms up with one file, and then sends COUNT.
// Usage: node send.mjs WAY PORT FILE COUNT
import { createReadStream, openSync, read } from 'node:fs';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { getRunningLoop, openConnection, Protocol, run } from '../../dist/src/index.js';

const [, , way, port, path, count] = process.argv;
const readFile = promisify(read);

async function measure(send) {
  await send();
  const cpu = process.cpuUsage();
  const started = performance.now();
  let bytes = 0;
  for (let round = 0; round < Number(count); round++) bytes += await send();
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    JSON.stringify({
      bytes,
      cpu: (user + system) / 1e6,
      time: (performance.now() - started) / 1e3,
    }),
  );
}

const ways = {
  'uvio-sendfile': () =>
    run(async () => {
      const loop = getRunningLoop();
      const [transport] = await loop.createConnection(
        () => new Protocol(),
        '127.0.0.1',
        Number(port),
      );
      const fd = openSync(path, 'r');
      await measure(() => loop.sendfile(transport, fd));
      transport.abort();
    }),
  'uvio-read-write': () =>
    run(async () => {
      const [, writer] = await openConnection('127.0.0.1', Number(port));
      const fd = openSync(path, 'r');
      await measure(async () => {
        let position = 0;
        for (;;) {
          const block = Buffer.allocUnsafeSlow(64 * 1024);
          const { bytesRead } = await readFile(fd, block, 0, block.length, position);
          if (bytesRead === 0) return position;
          writer.write(block.subarray(0, bytesRead));
          await writer.drain();
          position += bytesRead;
        }
      });
      writer.transport.abort();
    }),
  'node-pipe': () =>
    new Promise((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', async () => {
        await measure(
          () =>
            new Promise((sent) => {
              const file = createReadStream(path);
              file.pipe(socket, { end: false });
              file.on('end', () => sent(file.bytesRead));
            }),
        );
        socket.destroy();
        resolve();
      });
    }),
};

await ways[way]();
