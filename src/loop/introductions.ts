/**
 * How the mailboxes of two threads get a MessagePort between them, for values that are no text.
 *
 * Node has one way to hand a port to a thread that knows nothing of it yet: postMessageToThread(), which goes through the main
 * thread's loop. So that happens once for each pair, and when a value needs it. Invariant: this thread listens
 * exactly while it has a mailbox.
 */

import * as workerThreads from 'node:worker_threads';
import { type MessagePort, type Transferable, threadId } from 'node:worker_threads';
import type { LoopRef } from './loop_ref.js';

export interface Introduced {
  readonly address: number;
  /** `port` leads to the mailbox at the address `from`. */
  introduced(from: number, port: MessagePort): void;
}

interface Introduction {
  uvioMailbox: { from: number; to: number };
  port: MessagePort;
}

/** Of Node 20.19; the types have it in a wrong place. */
const { postMessageToThread } = workerThreads as unknown as {
  postMessageToThread(
    threadId: number,
    value: Introduction,
    transferList: readonly Transferable[],
  ): Promise<void>;
};

const EVENT = 'workerMessage';
const mailboxes = new Map<number, Introduced>();
const emitter: NodeJS.EventEmitter = process;

export function beginListening(mailbox: Introduced): void {
  // Before those of the program, which could throw.
  if (mailboxes.size === 0) emitter.prependListener(EVENT, onMessage);
  mailboxes.set(mailbox.address, mailbox);
}

export function endListening(mailbox: Introduced): void {
  mailboxes.delete(mailbox.address);
  if (mailboxes.size === 0) emitter.removeListener(EVENT, onMessage);
}

/** Gives `port` to the mailbox of another loop. `failed` is called when Node cannot, or its thread is gone. */
export function introduce(
  from: number,
  to: LoopRef,
  port: MessagePort,
  failed: (error: unknown) => void,
): void {
  const introduction = { uvioMailbox: { from, to: to.uvioLoop }, port };
  if (to.threadId === threadId) onMessage(introduction);
  else postMessageToThread(to.threadId, introduction, [port]).catch(failed);
}

function onMessage(message: Partial<Introduction> | null | undefined): void {
  const introduction = message?.uvioMailbox;
  const port = message?.port;
  if (introduction === undefined || port === undefined) return;
  const mailbox = mailboxes.get(introduction.to);
  if (mailbox === undefined) port.close();
  else mailbox.introduced(introduction.from, port);
}
