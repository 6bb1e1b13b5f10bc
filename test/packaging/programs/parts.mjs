// In the installed package: the classes of parts that are not loaded yet are what they are, also for who has kept copies.
import * as uvio from 'uvio';

const { CalledProcessError, Executor, Server, StreamReader, ThreadPoolExecutor } = uvio;

function check(holds, what) {
  if (!holds) throw new Error(what);
}

class Reader extends StreamReader {
  whose = 'mine';
}

await uvio.run(async () => {
  const reader = new Reader();
  check(reader.whose === 'mine' && reader instanceof Reader, 'a class of a part is not extended');
  for (const Kept of [StreamReader, uvio.StreamReader]) {
    check(reader instanceof Kept && new Kept() instanceof StreamReader, 'not an instance');
    check(
      !(uvio.getRunningLoop() instanceof Kept) && Kept.name === 'StreamReader',
      'another class',
    );
    const { value, writable } = Object.getOwnPropertyDescriptor(Kept, 'prototype');
    check(value === Object.getPrototypeOf(Reader.prototype) && !writable, 'another prototype');
  }
  const failed = await uvio.runProcess('/bin/sh', ['-c', 'exit 3']).catch((error) => error);
  check(failed instanceof CalledProcessError, `not an instance: ${failed}`);
  const executor = new ThreadPoolExecutor();
  check(executor instanceof Executor, 'a pool is no executor');
  await executor.shutdown();
  const server = await uvio.startServer(() => {}, '127.0.0.1', 0);
  check(server instanceof Server && server.constructor === Server, 'a server is none');
  check(Server === uvio.Server, 'two classes of one name');
  server.close();
});
console.log('parts');
