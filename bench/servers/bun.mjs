// The echo peer on Bun's own sockets (`Bun.listen`), which report how much the kernel took.
// Invariant: bytes leave in the order in which they came. While a rest waits for `drain`, newer
// bytes queue up behind it; `socket.data` holds that queue.
import { portFromArguments } from './port.mjs';

const server = Bun.listen({
  hostname: '127.0.0.1',
  port: portFromArguments(process.argv),
  socket: {
    open(socket) {
      socket.setNoDelay(true);
      socket.data = [];
    },
    data(socket, bytes) {
      const written = socket.data.length === 0 ? Math.max(socket.write(bytes), 0) : 0;
      if (written < bytes.length) socket.data.push(bytes.subarray(written));
    },
    drain(socket) {
      while (socket.data.length > 0) {
        const bytes = socket.data[0];
        const written = Math.max(socket.write(bytes), 0);
        if (written < bytes.length) {
          socket.data[0] = bytes.subarray(written);
          return;
        }
        socket.data.shift();
      }
    },
    error(socket) {
      socket.end();
    },
  },
});

console.log(`listening ${server.port}`);
