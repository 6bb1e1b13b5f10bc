/**
 * sockConnect: from an address, or a host's name, to a connected Socket.
 *
 * A connection that is under way goes on when the call is cancelled, and another call joins it. The full queue of a unix
 * server cannot be waited for, only tried again.
 */

import type { BareAddress } from '../binding/bare_contract.js';
import type { AbortOptions } from '../core/abort.js';
import type { Future } from '../core/futures.js';
import { type AddressLike, checkHostAndPort } from '../io/addresses.js';
import { resolve } from '../io/resolver.js';
import type { Socket, SocketName } from '../io/socket.js';
import type { Call } from '../io/socket_call.js';
import { sleep } from '../sync/sleeping.js';
import { isIP } from '../util/is_ip.js';
import { systemError, UV_EAGAIN, UV_EALREADY } from '../util/system_error.js';
import { start } from './opening.js';
import type { SocketLoop } from './socket_loop.js';
import { CONNECT_RETRY_DELAY } from './unix.js';

export function connectSocket(
  loop: SocketLoop,
  sock: Socket<unknown>,
  address: SocketName,
  options: AbortOptions | undefined,
): Future<void> {
  if (sock.family === 'unix') {
    const name = sock._checkName('address', address);
    const open = () => connectUnix(sock, name);
    return start(loop, loop.sockConnect, open, () => {}, options);
  }
  const [host, port] = checkHostAndPort('address', address as AddressLike);
  if (isIP(host) !== 0) {
    return loop._call(sock, options, connecting(sock, [host, port]));
  }
  const { family } = sock;
  const open = async () => {
    const [first] = await resolve(loop._reactor, host, port, { family });
    await loop._call(sock, {}, connecting(sock, [first?.address ?? host, port]));
  };
  return start(loop, loop.sockConnect, open, () => {}, options);
}

function connecting(sock: Socket<unknown>, name: BareAddress): Call<void> {
  let underWay = false;
  return {
    direction: 'writer',
    syscall: 'connect',
    details: { address: String(name[0]), port: name[1] },
    attempt: () => {
      if (underWay) return sock._wrap.getError();
      const error = sock._wrap.connect(...name);
      underWay = error === UV_EALREADY;
      return underWay ? UV_EAGAIN : error;
    },
    finish: () => undefined,
  };
}

async function connectUnix(sock: Socket<unknown>, name: BareAddress): Promise<void> {
  for (;;) {
    sock._checkFree();
    const error = sock._wrap.connect(...name);
    if (error === 0) return;
    if (error !== UV_EAGAIN) throw systemError(error, 'connect', { address: String(name[0]) });
    await sleep(CONNECT_RETRY_DELAY);
  }
}
