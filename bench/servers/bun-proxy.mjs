// The proxy peer on Bun's own sockets. What a side does not take waits in that side's queue, and the other one
// is paused until it has left.
// Invariant: bytes leave in the order in which they came; `socket.data` is that side's queue and its other side.
import { portFromArguments } from './port.mjs';

const hostname = '127.0.0.1';
const target = portFromArguments(process.argv, '--to');

function forward(side, bytes) {
  const { queue } = side.data;
  const written = queue.length === 0 ? Math.max(side.write(bytes), 0) : 0;
  if (written === bytes.length) return;
  queue.push(bytes.subarray(written));
  side.data.other.pause();
}

function drain(side) {
  const { queue, other } = side.data;
  while (queue.length > 0) {
    const written = Math.max(side.write(queue[0]), 0);
    if (written < queue[0].length) {
      queue[0] = queue[0].subarray(written);
      return;
    }
    queue.shift();
  }
  other?.resume();
}

const both = {
  data: (side, bytes) => forward(side.data.other, bytes),
  drain,
  end: (side) => side.data.other?.end(),
  close: (side) => side.data.other?.end(),
  error: (side) => side.terminate(),
};

const server = Bun.listen({
  hostname,
  port: portFromArguments(process.argv, '--listen'),
  allowHalfOpen: true,
  socket: {
    ...both,
    async open(client) {
      client.setNoDelay(true);
      client.data = { queue: [], other: null };
      client.pause();
      await Bun.connect({
        hostname,
        port: target,
        allowHalfOpen: true,
        data: { queue: [], other: client },
        socket: {
          ...both,
          open(upstream) {
            upstream.setNoDelay(true);
            client.data.other = upstream;
            client.resume();
          },
        },
      });
    },
  },
});

console.log(`listening ${server.port}`);
