// The echo servers on uvio's streams: a task for each connection, an async function or, with
// --style generators, a generator. The same program as `uvloop_echo.py --streams`, in the other language.
// Invariant: the write queue stays bounded, because every write is followed by a drain.
import { coroutine, run, startServer } from '../../dist/src/index.js';
import { sslFromArguments } from './certificate.mjs';
import { portFromArguments } from './port.mjs';

const isReset = (error) => error.code === 'ECONNRESET' || error.code === 'EPIPE';

async function echo(reader, writer) {
  try {
    for (let data = await reader.read(256 * 1024); data.length > 0; ) {
      writer.write(data);
      await writer.drain();
      data = await reader.read(256 * 1024);
    }
  } catch (error) {
    if (!isReset(error)) throw error;
  }
  writer.close();
}

const echoGenerator = coroutine(function* (reader, writer) {
  try {
    for (let data = yield* reader.read(256 * 1024); data.length > 0; ) {
      writer.write(data);
      yield* writer.drain();
      data = yield* reader.read(256 * 1024);
    }
  } catch (error) {
    if (!isReset(error)) throw error;
  }
  writer.close();
});

const port = portFromArguments(process.argv);
const options = { backlog: 1024, ...sslFromArguments(process.argv) };
const style = process.argv.includes('generators') ? echoGenerator : echo;

await run(async () => {
  const server = await startServer(style, '127.0.0.1', port, options);
  console.log(`listening ${server.sockets[0].getsockname().port}`);
  await server.serveForever();
});
