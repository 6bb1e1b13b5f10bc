// In the installed package: what starts with a file of the library's own, threads and processes of executors and of serve().
import { isMainThread } from 'node:worker_threads';
import { openConnection, ProcessPoolExecutor, run, serve, toThread } from 'uvio';

export default async function (worker) {
  await worker.startServer((_reader, writer) => {
    writer.write(`thread ${worker.index}\n`);
    writer.close();
  });
}

async function main() {
  console.log(await toThread((one, other) => one + other, 20, 22));
  const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  console.log((await executor.submit(() => process.pid)) !== process.pid);
  await executor.shutdown();
  const supervisor = await serve(new URL(import.meta.url), { workers: 1, host: '127.0.0.1' });
  const [reader, writer] = await openConnection('127.0.0.1', supervisor.addresses[0].port);
  console.log(String(await reader.readline()).trim());
  writer.close();
  supervisor.close();
  await supervisor.waitClosed();
}

if (isMainThread) await run(main);
