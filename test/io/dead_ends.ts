/**
 * Addresses on loopback that do not answer: ports that nobody listens on, which refuse, and ports whose backlog is full,
 * which say nothing, as a host that is down.
 */

import { type EventLoop, Socket, type SocketAddress } from 'uvio';

/** A port that nobody listens on, at the address. */
export function refusing(host = '127.0.0.1'): SocketAddress {
  using socket = new Socket(host.includes(':') ? 6 : 4);
  socket.bind([host, 0]);
  return socket.getsockname();
}

/** An address at which connecting waits for ever; dispose of it. */
export interface DeadEnd extends SocketAddress, Disposable {}

/** Listens with the shortest backlog, and fills it. */
export async function deadEnd(loop: EventLoop, host = '127.0.0.1'): Promise<DeadEnd> {
  const family = host.includes(':') ? 6 : 4;
  const listener = new Socket(family);
  listener.bind([host, 0]);
  listener.listen(0);
  const address = listener.getsockname();
  const fillers: Socket[] = [];
  for (;;) {
    const filler = new Socket(family);
    fillers.push(filler);
    const connecting = loop.sockConnect(filler, address);
    // On loopback a connection that is taken is there after a turn.
    for (let turn = 0; turn < 20 && !connecting.done(); turn++) await new Promise(setImmediate);
    if (connecting.cancel()) break;
  }
  const close = () => {
    for (const socket of [listener, ...fillers]) socket.close();
  };
  return { ...address, [Symbol.dispose]: close };
}
