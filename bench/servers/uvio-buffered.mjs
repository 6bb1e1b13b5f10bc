// The echo server on uvio's `BufferedProtocol`: all connections read into one buffer.
// Invariant: no byte is overwritten before it was written out. `write` may keep a reference to bytes
// that are not out yet (the write buffer's size tells), so later reads go behind those, and a used-up
// buffer is left to them and replaced.
import { BufferedProtocol, getRunningLoop, run } from '../../dist/src/index.js';
import { portFromArguments } from './port.mjs';

const BUFFER_SIZE = 256 * 1024;
const LEAST_SIZE = 64 * 1024;
let buffer = new Uint8Array(BUFFER_SIZE);

class Echo extends BufferedProtocol {
  connectionMade(transport) {
    this.transport = transport;
  }

  getBuffer() {
    return buffer;
  }

  bufferUpdated(count) {
    this.transport.write(buffer.subarray(0, count));
    if (this.transport.getWriteBufferSize() === 0) return;
    buffer = buffer.subarray(count);
    if (buffer.length < LEAST_SIZE) buffer = new Uint8Array(BUFFER_SIZE);
  }

  pauseWriting() {
    this.transport.pauseReading();
  }

  resumeWriting() {
    this.transport.resumeReading();
  }
}

const port = portFromArguments(process.argv);

await run(async () => {
  const server = await getRunningLoop().createServer(() => new Echo(), '127.0.0.1', port);
  console.log(`listening ${server.sockets[0].getsockname().port}`);
  await server.serveForever();
});
