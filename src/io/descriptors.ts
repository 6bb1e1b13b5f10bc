/**
 * Descriptors that a program hands over to a transport: a number, or an object that has one.
 *
 * The transport owns what it was given and closes it after connectionLost: an object through its
 * close(), a number itself. Standard input, output and error stay open: what would be opened next would
 * take their place.
 */

import { fstatSync } from 'node:fs';
import { inspect } from 'node:util';
import { native } from '../binding/addon.js';
import type { SocketWrap } from '../binding/contract.js';
import { checkInteger, typeError, valueError } from '../util/check.js';
import { systemError } from '../util/system_error.js';
import type { Reactor } from './reactor.js';
import type { TransportOwner } from './stream_transport.js';

/** A Socket, an fs.promises.FileHandle, an fs stream that is open, process.stdin … */
export interface DescriptorObject {
  /** Its number. */
  readonly fd: number;
  /** Closes it. */
  close?(): unknown;
  /** Belongs to a transport or a server from now on. @internal */
  _use?(user: object): void;
}

/** A descriptor by number, or whoever has one. */
export type DescriptorSource = number | DescriptorObject;

const STANDARD_ERROR = 2;

/**
 * A pipe of the kernel's, close-on-exec: what one program writes to it another may read, with no byte passing
 * through here. Both ends are the caller's to close.
 *
 * @throws a system error, as EMFILE
 */
export function makePipe(): { reading: number; writing: number } {
  const ends = native.makePipe();
  if (typeof ends === 'number') throw systemError(ends, 'pipe');
  return { reading: ends[0], writing: ends[1] };
}

/** @throws TypeError or RangeError */
export function checkDescriptor(argument: string, source: DescriptorSource): number {
  if (typeof source === 'number') {
    checkInteger(argument, source, 0, 0x7fffffff);
    return source;
  }
  const descriptor = (source as Partial<DescriptorObject> | null | undefined)?.fd;
  if (typeof descriptor !== 'number') {
    throw typeError(argument, 'a file descriptor, or an object with one as its fd', source);
  }
  checkInteger(`${argument}.fd`, descriptor, 0, 0x7fffffff);
  return descriptor;
}

/**
 * Has `source`, of which `wrap` has a duplicate for `user`, closed with it, unless an ownerOf() sees to that.
 */
export function takeOver(
  wrap: Pick<SocketWrap<unknown>, 'takeOver'>,
  source: DescriptorSource,
  user: object,
): void {
  if (typeof source === 'number') wrap.takeOver(source);
  else if (typeof source.close !== 'function') wrap.takeOver(source.fd);
  else source._use?.(user);
}

/**
 * The kind of a stream socket, of either family.
 *
 * @throws TypeError with asyncio's words for anything else, or a system error
 */
export function checkStreamSocket(source: DescriptorSource): 'tcp' | 'pipe' {
  const type = socketType(source);
  if (type === 'tcp' || type === 'pipe') return type;
  throw valueError(`A Stream Socket was expected, got ${inspect(source)}`);
}

/** As checkStreamSocket(), for a unix socket. */
export function checkUnixSocket(source: DescriptorSource): 'pipe' {
  const type = socketType(source);
  if (type === 'pipe') return type;
  throw valueError(`A UNIX Domain Stream Socket was expected, got ${inspect(source)}`);
}

/** As checkStreamSocket(), for a UDP socket. */
export function checkDatagramSocket(source: DescriptorSource): void {
  if (socketType(source) === 'udp') return;
  throw valueError(`A datagram socket was expected, got ${inspect(source)}`);
}

/** libuv's name for the kind of a socket; of a file, a pipe or a terminal there is none. */
function socketType(source: DescriptorSource): string {
  const descriptor = typeof source === 'number' ? source : source.fd;
  return fstatSync(descriptor).isSocket() ? native.handleType(descriptor) : 'none';
}

/** What closes `source` when its transport has gone, if it is an object that closes itself. */
export function ownerOf(reactor: Reactor, source: DescriptorSource): TransportOwner | null {
  if (typeof source === 'number' || typeof source.close !== 'function') return null;
  return source.fd > STANDARD_ERROR ? { _detach: () => closeObject(reactor, source) } : null;
}

async function closeObject(reactor: Reactor, source: DescriptorObject): Promise<void> {
  try {
    await source.close?.();
  } catch (exception) {
    const message = 'Error on closing the object that a transport was given';
    reactor.scheduler.callExceptionHandler({ message, exception });
  }
}
