/**
 * What an event of the native side comes to, by the name of the protocol's method: for debug mode, which
 * says who was slow.
 */

import { STREAM_CONNECTED, STREAM_CONNECTION, STREAM_WRITTEN } from '../binding/contract.js';
import { UDP_RECEIVED, UDP_SENT } from '../binding/datagram_contract.js';
import { CALLS_CAME, NOTICES_CAME } from '../binding/mailbox_contract.js';

/** Of a read of `size` bytes, or its end. */
export function readName(size: number, received: 'dataReceived' | 'bufferUpdated'): string {
  return size > 0 ? received : 'eofReceived';
}

/** Of the event of a stream, a STREAM_*. */
export function streamEventName(event: number): string {
  if (event === STREAM_CONNECTION) return 'accept';
  if (event === STREAM_CONNECTED) return 'connectionMade';
  return event === STREAM_WRITTEN ? 'resumeWriting' : 'connectionLost';
}

/** Of the event of a UDP socket, or a mailbox; other handles have their callbacks called later. */
export function handleEventName(kind: number): string {
  if (kind === UDP_RECEIVED) return 'datagramReceived';
  if (kind === CALLS_CAME || kind === NOTICES_CAME) return 'mailCame';
  return kind === UDP_SENT ? 'resumeWriting' : 'errorReceived';
}
