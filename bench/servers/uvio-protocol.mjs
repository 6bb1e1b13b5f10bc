// The echo server on uvio's `Protocol`: every read arrives as a Buffer of its own; with --tls over TLS.
// Invariant: the write queue stays bounded, because a transport that asks for a pause is not read
// from. The same program as `uvloop_echo.py` without flags, in the other language; `--debug` and
// `--slow-callbacks` switch debug mode, or that part of it, on, `--watchdog MS` has an observer look at it.
import { getRunningLoop, Protocol, run } from '../../dist/src/index.js';
import { sslFromArguments } from './certificate.mjs';
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
const options = sslFromArguments(process.argv);

const debug = process.argv.includes('--debug');
const slowCallbacks = process.argv.includes('--slow-callbacks');
const watchdog = process.argv.indexOf('--watchdog');

await run(async () => {
  const loop = getRunningLoop();
  if (debug || slowCallbacks) loop.setDebug(debug || { slowCallbacks });
  if (watchdog >= 0) loop.setWatchdog(Number(process.argv[watchdog + 1]));
  const server = await loop.createServer(() => new Echo(), '127.0.0.1', port, options);
  console.log(`listening ${server.sockets[0].getsockname().port}`);
  await server.serveForever();
});
