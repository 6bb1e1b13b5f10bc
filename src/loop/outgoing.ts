/**
 * Calls of this loop in the loop of another thread: the caller's side of asyncio's run_coroutine_threadsafe.
 *
 * Invariant: a request ends with its answer, its cancellation, or the other loop's end; a call that could not be run is
 * reported once. Letters leave in the order in which they were made: what comes behind a value that waits for
 * the port waits too.
 */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import {
  LETTER_CALL,
  LETTER_CANCEL,
  LETTER_CANCELLED,
  LETTER_ERROR,
  LETTER_REQUEST,
  LETTER_RESULT,
} from '../binding/mailbox_contract.js';
import { RuntimeError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { errorFromText } from './error_text.js';
import { introduce } from './introductions.js';
import { calledName, type Packed, packCall, unpackResult } from './letters.js';
import type { LoopRef } from './loop_ref.js';
import type { Mailbox } from './mailbox.js';
import { type Requester, ThreadsafeFuture } from './threadsafe_future.js';

interface Letter {
  kind: number;
  call: number;
  text: string;
}

export class Outgoing implements Requester {
  readonly ref: LoopRef;
  readonly #mailbox: Mailbox;
  readonly #pending = new Map<number, ThreadsafeFuture>();
  #lastCall = 0;
  #port: MessagePort | null = null;
  /** The other side has its end of the port. */
  #isConnected = false;
  /** What waits for that. */
  #held: Letter[] = [];
  #isClosed = false;

  /** @throws RuntimeError when the other loop is closed */
  constructor(mailbox: Mailbox, ref: LoopRef) {
    this.#mailbox = mailbox;
    this.ref = ref;
    if (!mailbox.attach(ref.uvioLoop)) throw closedError();
  }

  call(name: string, args: readonly unknown[]): void {
    this.#send(LETTER_CALL, 0, packCall(name, args));
  }

  request<T>(name: string, args: readonly unknown[]): ThreadsafeFuture<T> {
    const call = ++this.#lastCall;
    const future = new ThreadsafeFuture<T>(this.#mailbox.loop, this, call);
    const packed = packCall(name, args);
    // The answer may need it, and this thread may be asleep by then.
    this.#openPort();
    this.#send(LETTER_REQUEST, call, packed);
    this.#pending.set(call, future as ThreadsafeFuture);
    this.#mailbox.awaits(1);
    return future;
  }

  /** The future of a request that is not made. */
  unasked<T>(): ThreadsafeFuture<T> {
    return new ThreadsafeFuture<T>(this.#mailbox.loop, this, 0);
  }

  block(future: Future<unknown>, timeout: number): void {
    this.#mailbox.block(future, this.ref.threadId, timeout);
  }

  cancelled(call: number, message: unknown): void {
    if (!this.#forget(call)) return;
    const text = message === undefined ? '' : String(message);
    this.#post({ kind: LETTER_CANCEL, call, text });
  }

  /** An answer has come. */
  answered(kind: number, call: number, text: string): void {
    const future = this.#pending.get(call);
    this.#forget(call);
    try {
      // Even if nobody wants it any more, a value is in the port.
      const result = kind === LETTER_RESULT ? unpackResult(text, this.#port) : undefined;
      if (future === undefined) return;
      if (kind === LETTER_RESULT) future.setResult(result);
      else if (kind === LETTER_CANCELLED) future.cancel(text === '' ? undefined : text);
      else if (kind === LETTER_ERROR) future._fail(errorFromText(text));
    } catch (error) {
      future?._fail(error);
    }
  }

  connected(): void {
    this.#isConnected = true;
    const held = this.#takeHeld();
    const unsent = held.findIndex((letter) => !this.#post(letter));
    // That it has closed, closed() is about to hear.
    if (unsent >= 0) for (const letter of held.slice(unsent)) this.#hold(letter);
  }

  /** The other loop has closed. */
  closed(): void {
    this.#isClosed = true;
    // With those that came back from there.
    this.#fail(closedError(), (name) => this.#mailbox.returned(name));
  }

  /** This loop has closed, on which nothing can end any more. */
  end(): void {
    this.#isClosed = true;
    this.#pending.clear();
    this.#held = [];
    this.#port?.close();
  }

  /** @param lose is told of each call that nobody waits for and that was not sent yet */
  #fail(error: unknown, lose: (name: string) => void): void {
    const lost = this.#takeHeld().filter(({ kind }) => kind === LETTER_CALL);
    for (const { text } of lost) lose(calledName(text));
    for (const [call, future] of [...this.#pending]) {
      this.#forget(call);
      future._fail(error);
    }
    this.#port?.close();
    this.#port = null;
  }

  #send(kind: number, call: number, { text, cargo }: Packed): void {
    if (this.#isClosed) throw closedError();
    if (cargo !== null) this.#openPort().postMessage(cargo.value, cargo.transferList);
    const waitsForPort = cargo !== null && !this.#isConnected;
    if (waitsForPort || this.#held.length > 0) this.#hold({ kind, call, text });
    else if (!this.#post({ kind, call, text })) throw closedError();
  }

  #post(letter: Letter): boolean {
    if (this.#held.length === 0) {
      return this.#mailbox.post(this.ref.uvioLoop, letter.kind, letter.call, letter.text);
    }
    this.#hold(letter);
    return true;
  }

  #hold(letter: Letter): void {
    this.#held.push(letter);
    this.#mailbox.awaits(1);
  }

  #takeHeld(): Letter[] {
    const held = this.#held;
    this.#held = [];
    this.#mailbox.awaits(-held.length);
    return held;
  }

  #forget(call: number): boolean {
    const wasPending = this.#pending.delete(call);
    if (wasPending) this.#mailbox.awaits(-1);
    return wasPending;
  }

  #openPort(): MessagePort {
    if (this.#port !== null) return this.#port;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.unref();
    introduce(this.#mailbox.address, this.ref, port2, (error) => {
      // That the port arrived all the same, or that the loop has closed, stands in letters that have come by now.
      this.#mailbox.look();
      if (this.#isConnected || this.#port !== port1) return;
      this.#fail(error, (name) => this.#mailbox.refused(name, error));
    });
    return port1;
  }
}

export function closedError(): RuntimeError {
  return new RuntimeError('Event loop is closed');
}
