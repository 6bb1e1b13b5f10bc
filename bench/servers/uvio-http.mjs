// Hello over HTTP on uvio's sockets: Node's own http, whose connections are made by toDuplex().
// Invariant: the same listener as `node-http.mjs`, so that the sockets are the only difference.
import { createServer } from 'node:http';
import { run, startServer, toDuplex } from '../../dist/src/index.js';
import { hello } from './hello.mjs';
import { portFromArguments } from './port.mjs';

const port = portFromArguments(process.argv);
const web = createServer(hello);
web.emit('listening'); // as it would: with its look-out for slow requests

await run(async () => {
  const server = await startServer(null, '127.0.0.1', port, { backlog: 1024 });
  console.log(`listening ${server.sockets[0].getsockname().port}`);
  for await (const pair of server) web.emit('connection', toDuplex(pair));
});
