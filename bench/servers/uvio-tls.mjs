import { readFileSync } from 'node:fs';
import { getRunningLoop, Protocol, run } from '../../dist/src/index.js';

const key = readFileSync('/tmp/t/key.pem'),
  cert = readFileSync('/tmp/t/cert.pem');
if (process.argv.includes('slow')) {
  const { native } = await import('../../dist/src/binding/addon.js');
  delete native.TlsWrap;
}
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
await run(async () => {
  const server = await getRunningLoop().createServer(() => new Echo(), '127.0.0.1', 0, {
    ssl: { key, cert },
    backlog: 1024,
  });
  console.log(`listening ${server.sockets[0].getsockname().port}`);
  await server.serveForever();
});
