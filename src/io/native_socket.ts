/**
 * The socket behind a transport or a server, as programs see it: asyncio's TransportSocket.
 *
 * Its names are asked for each time, since binding and connecting change them.
 */

import type { SocketWrap } from '../binding/contract.js';
import { systemError } from '../util/system_error.js';
import { DescriptorOptions } from './socket_option.js';
import type { TransportSocket } from './transports.js';

/** What every native socket can say of itself. */
type Named<A> = Pick<SocketWrap<A>, 'getSocketName' | 'getPeerName' | 'getDescriptor'>;

/** What getExtraInfo('socket') and server.sockets give. */
export class NativeSocket<A> extends DescriptorOptions implements TransportSocket<A> {
  readonly #wrap: Named<A>;

  constructor(wrap: Named<A>) {
    super();
    this.#wrap = wrap;
  }

  /** Its own address. */
  getsockname(): A {
    return addressOrThrow(this.#wrap.getSocketName(), 'getsockname');
  }

  getpeername(): A {
    return addressOrThrow(this.#wrap.getPeerName(), 'getpeername');
  }

  fileno(): number {
    return Math.max(this.#wrap.getDescriptor(), -1);
  }
}

function addressOrThrow<A>(result: A | number, syscall: string): A {
  if (typeof result === 'number') throw systemError(result, syscall);
  return result;
}
