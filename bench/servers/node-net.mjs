// The echo peer on `node:net`, in its cheapest form: what is read is written, nothing else.
// Invariant: no back-pressure on purpose. `write` returns false above 16 KiB even when the kernel
// took everything, so honouring it would only slow this peer down; the closed loop of the load
// generator already bounds what can pile up.
import { createServer } from 'node:net';
import { portFromArguments } from './port.mjs';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (data) => socket.write(data));
  socket.on('error', () => socket.destroy());
});

server.listen(portFromArguments(process.argv), '127.0.0.1', 1024, () => {
  console.log(`listening ${server.address().port}`);
});
