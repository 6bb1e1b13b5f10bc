// The echo peer on Deno's own sockets (`Deno.listen`): one loop of reads and writes per connection.
// Invariant: a connection's buffer is read into again only after all of it was written, so one
// buffer per connection does, and a peer that does not read is not read from.
import { portFromArguments } from './port.mjs';

async function echo(connection) {
  connection.setNoDelay(true);
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (;;) {
      const count = await connection.read(buffer);
      if (count === null) break;
      for (let written = 0; written < count; ) {
        written += await connection.write(buffer.subarray(written, count));
      }
    }
  } catch {
    // A reset connection ends like a closed one.
  }
  connection.close();
}

const listener = Deno.listen({ hostname: '127.0.0.1', port: portFromArguments(Deno.args) });
console.log(`listening ${listener.addr.port}`);
for await (const connection of listener) echo(connection);
