// Processes started by uvio: see rate.mjs.
import { DEVNULL, newEventLoop, SubprocessProtocol } from '../../dist/src/index.js';
import { timeSpawns } from './rate.mjs';

const loop = newEventLoop();

class Output extends SubprocessProtocol {
  ended = loop.createFuture();
  transport;

  connectionMade(transport) {
    this.transport = transport;
  }

  connectionLost() {
    this.ended.setResult(this.transport.getReturncode());
  }
}

const options = { stdin: DEVNULL, stderr: DEVNULL };
await timeSpawns(async () => {
  const [, protocol] = await loop.subprocessExec(() => new Output(), '/bin/true', [], options);
  return protocol.ended;
});
loop.close();
