/**
 * A loop's mailbox: what other threads have asked of the loop, and what they have answered to it.
 *
 * Answers to the queue behind asyncio's call_soon_threadsafe. Each call that has come has its place in the ready queue, and
 * stays in the native mailbox until that is reached, so that whoever made it hears when the loop ends before. Notices
 * (answers, cancellations, ends of loops) are read at once, which runs nothing of the program.
 */

import { isMainThread, type MessagePort, threadId } from 'node:worker_threads';
import { native } from '../binding/addon.js';
import type { HandleOwner } from '../binding/contract.js';
import {
  ENVELOPE_CALL,
  ENVELOPE_FROM,
  ENVELOPE_KIND,
  ENVELOPE_SIZE,
  LETTER_CANCEL,
  LETTER_CLOSED,
  LETTER_CONNECTED,
  LETTER_REFUSED,
  LETTER_REQUEST,
  LETTER_RETURNED,
  type MailboxWrap,
  NOTICES_CAME,
} from '../binding/mailbox_contract.js';
import { outsideTasks } from '../core/context.js';
import { RuntimeError, TimeoutError } from '../core/exceptions.js';
import type { Future } from '../core/futures.js';
import { checkDuration } from '../util/check.js';
import { errorFromText } from './error_text.js';
import { type ExposedFunction, Incoming } from './incoming.js';
import { beginListening, endListening } from './introductions.js';
import { calledName } from './letters.js';
import type { LoopRef } from './loop_ref.js';
import { closedError, Outgoing } from './outgoing.js';
import type { ThreadsafeLoop } from './threadsafe_loop.js';

// A blocked thread looks this often whether it is being terminated, which nothing else tells it.
const LONGEST_SLEEP = 50; // ms

export class Mailbox implements HandleOwner {
  readonly loop: ThreadsafeLoop;
  readonly #wrap: MailboxWrap;
  readonly #envelope = new Float64Array(ENVELOPE_SIZE);
  readonly #outgoing = new Map<number, Outgoing>();
  readonly #incoming = new Map<number, Incoming>();
  /** What stands in the ready queue, once for each call. */
  readonly #slot = {
    run: () => this.#runNext(),
    toString: () => `<call of '${calledName(this.#latest)}' by another thread>`,
  };
  #latest = '[""]';
  /** How many of them. */
  #due = 0;
  /** How much this loop waits for from other threads. */
  #awaited = 0;
  #isServing = false;
  #isReferenced = false;
  /** Calls that came back since they were reported last. */
  #lost: string[] = [];

  constructor(loop: ThreadsafeLoop) {
    this.loop = loop;
    this.#wrap = outsideTasks(
      () => new native.MailboxWrap(loop._reactor.wrap, this, this.#envelope),
    );
    loop._dependents.add(this);
    beginListening(this);
  }

  get address(): number {
    return this.#wrap.address;
  }

  /** The calls of this loop in another. @throws RuntimeError when that one is closed */
  to(ref: LoopRef): Outgoing {
    let outgoing = this.#outgoing.get(ref.uvioLoop);
    if (outgoing === undefined) {
      outgoing = new Outgoing(this, ref);
      this.#outgoing.set(ref.uvioLoop, outgoing);
    }
    return outgoing;
  }

  exposed(name: string): ExposedFunction {
    return this.loop._exposedFunction(name);
  }

  attach(address: number): boolean {
    return this.#wrap.attach(address) === 0;
  }

  post(address: number, kind: number, call: number, text: string): boolean {
    return this.#wrap.post(address, kind, call, text) === 0;
  }

  /** Some more, or less, to wait for, which keeps the thread alive. */
  awaits(more: number): void {
    this.#awaited += more;
    this.#setReferenced();
  }

  /** Whether the loop stays for calls that may come. */
  setServing(isServing: boolean): void {
    this.#isServing = isServing;
    this.#setReferenced();
  }

  /** Blocks this thread until `future` is done, which another one is to see to. */
  block(future: Future<unknown>, other: number, timeout: number): void {
    checkDuration('timeout', timeout);
    if (isMainThread) {
      throw new RuntimeError('result(timeout) cannot block the main thread: await the future');
    }
    if (other === threadId) {
      throw new RuntimeError('result(timeout) would wait for the thread that it blocks');
    }
    const until = performance.now() + timeout;
    for (;;) {
      this.loop._checkClosed();
      const rest = Math.max(0, until - performance.now());
      this.#look(Math.min(rest, LONGEST_SLEEP));
      if (future.done()) return;
      if (rest === 0) throw new TimeoutError();
    }
  }

  /** See LoopCallbacks.handleEvent. */
  onEvent(kind: number, calls: number): void {
    this.#due += calls;
    for (let call = 0; call < calls; call++) this.loop._enqueue(this.#slot);
    if (kind === NOTICES_CAME) this.#heedAll();
  }

  introduced(from: number, port: MessagePort): void {
    this.#from(from).connected(port);
  }

  /** A call that nobody waits for could not be run. */
  refused(name: string, exception: unknown): void {
    const message = `Exception in call of '${name}' in another thread's event loop`;
    this.loop.callExceptionHandler({ message, exception });
  }

  /** A call that nobody waits for came back from a loop that has closed. */
  returned(name: string): void {
    this.#lost.push(name);
  }

  /** Takes in what has come. */
  look(): void {
    this.#look(0);
  }

  loopClosed(): void {
    endListening(this);
    for (const outgoing of this.#outgoing.values()) outgoing.end();
    for (const incoming of this.#incoming.values()) incoming.end();
  }

  /** Takes in what has come, and waits for it so long. */
  #look(milliseconds: number): void {
    const calls = this.#wrap.wait(milliseconds);
    if (calls >= 0) this.onEvent(NOTICES_CAME, calls);
  }

  #heedAll(): void {
    for (;;) {
      const text = this.#wrap.nextNotice();
      if (text === undefined) break;
      this.#heed(text);
    }
    if (this.#lost.length > 0) this.#reportLost();
  }

  #runNext(): void {
    const text = this.#wrap.nextCall();
    if (text === undefined) return;
    this.#latest = text;
    const from = this.#from(this.#envelope[ENVELOPE_FROM] as number);
    if (this.#envelope[ENVELOPE_KIND] !== LETTER_REQUEST) from.run(text);
    else from.begin(this.#envelope[ENVELOPE_CALL] as number, text);
    if (--this.#due > 0 && !this.loop.isClosed()) return;
    this.#wrap.endCall();
    this.look();
  }

  #heed(text: string): void {
    const from = this.#envelope[ENVELOPE_FROM] as number;
    const kind = this.#envelope[ENVELOPE_KIND] as number;
    const call = this.#envelope[ENVELOPE_CALL] as number;
    if (kind === LETTER_CANCEL) this.#from(from).cancel(call, text);
    else if (kind === LETTER_CONNECTED) this.#outgoing.get(from)?.connected();
    else if (kind === LETTER_RETURNED) this.returned(calledName(text));
    else if (kind === LETTER_CLOSED) this.#otherClosed(from);
    else if (kind === LETTER_REFUSED) {
      const [name, error] = JSON.parse(text) as [string, string];
      this.refused(name, errorFromText(error));
    } else this.#outgoing.get(from)?.answered(kind, call, text);
  }

  #otherClosed(address: number): void {
    this.#outgoing.get(address)?.closed();
    this.#outgoing.delete(address);
    const incoming = this.#incoming.get(address);
    if (incoming === undefined) return;
    incoming.closed();
    // Behind its calls, which need its port.
    const end = () => {
      incoming.end();
      this.#incoming.delete(address);
    };
    this.loop._enqueue({ run: end });
  }

  #from(address: number): Incoming {
    let incoming = this.#incoming.get(address);
    if (incoming === undefined) {
      incoming = new Incoming(this, address);
      // Attached to, it tells of its end.
      if (this.attach(address)) this.#incoming.set(address, incoming);
      else incoming.closed();
    }
    return incoming;
  }

  /** A loop that ends may leave many; that is one event. */
  #reportLost(): void {
    const calls = this.#lost;
    this.#lost = [];
    const message = `${calls.length} call(s) in another thread's event loop were not run to their end`;
    this.loop.callExceptionHandler({ message, exception: closedError(), calls });
  }

  #setReferenced(): void {
    const isReferenced = this.#awaited > 0 || this.#isServing;
    if (isReferenced === this.#isReferenced) return;
    this.#isReferenced = isReferenced;
    this.#wrap.setReferenced(isReferenced);
  }
}
