// The echo server on uvio's `Protocol`: every read arrives as a Buffer of its own.
// Invariant: the write queue stays bounded, because a transport that asks for a pause is not read
// from. The same program as `uvloop_echo.py` without flags, in the other language. `--watchdog MS` has
// an observer look at it.
import { getRunningLoop, Protocol, run } from '../../dist/src/index.js';
import { portFromArguments } from './port.mjs';

class Echo extends Protocol {
  connectionMade(transport) {
    this.transport = transport;
  }

  dataReceived(data) {
    this.transport.write(data);
  }

  pauseWriting() {
    this.transport.pauseReading();
  }

  resumeWriting() {
    this.transport.resumeReading();
  }
}

const port = portFromArguments(process.argv);
const watchdog = process.argv.indexOf('--watchdog');

await run(async () => {
  if (watchdog >= 0) getRunningLoop().setWatchdog(Number(process.argv[watchdog + 1]));
  const server = await getRunningLoop().createServer(() => new Echo(), '127.0.0.1', port);
  console.log(`listening ${server.sockets[0].getsockname().port}`);
  await server.serveForever();
});
