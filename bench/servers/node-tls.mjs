// The echo peer on `node:tls`: as node-net.mjs, which says why it has no back-pressure.
import { createServer } from 'node:tls';
import { certificate } from './certificate.mjs';
import { portFromArguments } from './port.mjs';

const server = createServer({ ...certificate(), noDelay: true }, (socket) => {
  socket.on('data', (data) => socket.write(data));
  socket.on('error', () => socket.destroy());
});

server.listen(portFromArguments(process.argv), '127.0.0.1', 1024, () => {
  console.log(`listening ${server.address().port}`);
});
