// The echo server on uvio's `BufferedProtocol`: all connections read into one buffer.
// What bufferUpdated() writes has left, or was copied, before the buffer is read into again: uvio
// promises that for a BufferedProtocol's own writes.
import { BufferedProtocol, getRunningLoop, run } from '../../dist/src/index.js';
import { portFromArguments } from './port.mjs';

const buffer = Buffer.allocUnsafeSlow(256 * 1024);

class Echo extends BufferedProtocol {
  connectionMade(transport) {
    this.transport = transport;
  }

  getBuffer() {
    return buffer;
  }

  bufferUpdated(count) {
    this.transport.write(buffer.subarray(0, count));
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
