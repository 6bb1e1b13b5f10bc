// The proxy peer on `node:net`, as one would write it: `pipe()` both ways, which brings the back-pressure, and
// `allowHalfOpen`, so that each way ends by itself.
// Invariant: a side that is lost takes the other with it, as in examples/proxy.ts.
import { connect, createServer } from 'node:net';
import { portFromArguments } from './port.mjs';

const host = '127.0.0.1';
const target = portFromArguments(process.argv, '--to');

const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const upstream = connect({ host, port: target, allowHalfOpen: true, noDelay: true });
  client.pipe(upstream).pipe(client);
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
});

server.listen(portFromArguments(process.argv, '--listen'), host, 1024, () => {
  console.log(`listening ${server.address().port}`);
});
