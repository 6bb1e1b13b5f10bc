/**
 * MailboxWrap by itself: letters, their order, what is told when a mailbox closes; and its misuse.
 *
 * TypeScript above it checks arguments, but a mistake must be an error and never a crash.
 */

import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { native } from '../../src/binding/addon.js';
import {
  ENVELOPE_CALL,
  ENVELOPE_FROM,
  ENVELOPE_KIND,
  ENVELOPE_SIZE,
  LETTER_CALL,
  LETTER_CANCEL,
  LETTER_CLOSED,
  LETTER_REQUEST,
  LETTER_RESULT,
  LETTER_RETURNED,
  type MailboxWrap,
} from '../../src/binding/mailbox_contract.js';
import { type EventLoop, newEventLoop } from '../../src/index.js';
import { errnoOf, UV_EBADF } from '../../src/util/system_error.js';
import { leavesNothingOpen } from '../support.js';

const EINVAL = errnoOf('EINVAL');
const ESRCH = errnoOf('ESRCH');

class Box {
  readonly envelope = new Float64Array(ENVELOPE_SIZE);
  readonly wrap: MailboxWrap;

  constructor(loop: EventLoop) {
    this.wrap = new native.MailboxWrap(loop._reactor.wrap, { onEvent() {} }, this.envelope);
  }

  call(): unknown[] | undefined {
    return this.#read(this.wrap.nextCall());
  }

  notice(): unknown[] | undefined {
    return this.#read(this.wrap.nextNotice());
  }

  #read(text: string | undefined): unknown[] | undefined {
    if (text === undefined) return undefined;
    const slots = [ENVELOPE_FROM, ENVELOPE_KIND, ENVELOPE_CALL];
    return [...slots.map((slot) => this.envelope[slot]), text];
  }
}

describe('a native mailbox', () => {
  leavesNothingOpen();
  let loops: EventLoop[];
  let one: Box;
  let other: Box;
  beforeEach(() => {
    loops = [newEventLoop(), newEventLoop()];
    [one, other] = loops.map((loop) => new Box(loop)) as [Box, Box];
  });
  afterEach(() => {
    for (const loop of loops) loop.close();
  });

  it('has an address of its own, and takes letters of those that attached', () => {
    ok(one.wrap.address > 0 && other.wrap.address > one.wrap.address);
    equal(one.wrap.post(other.wrap.address, LETTER_CALL, 0, 'x'), ESRCH);
    equal(one.wrap.attach(other.wrap.address), 0);
    equal(one.wrap.attach(other.wrap.address), 0);
    equal(one.wrap.attach(2 ** 30), ESRCH);
    equal(one.wrap.post(other.wrap.address, LETTER_CALL, 0, 'x'), 0);
  });

  it('keeps the order of calls, and that of notices', () => {
    const to = other.wrap.address;
    const from = one.wrap.address;
    one.wrap.attach(to);
    const big = 2 ** 50;
    one.wrap.post(to, LETTER_CALL, 0, 'first');
    one.wrap.post(to, LETTER_CANCEL, big, '');
    one.wrap.post(to, LETTER_REQUEST, big, '€'.repeat(1000));
    one.wrap.post(to, LETTER_RESULT, 7, 'é\0😀');
    equal(other.call(), undefined);
    equal(other.wrap.wait(0), 2);
    deepEqual(other.notice(), [from, LETTER_CANCEL, big, '']);
    deepEqual(other.notice(), [from, LETTER_RESULT, 7, 'é\0😀']);
    equal(other.notice(), undefined);
    deepEqual(other.call(), [from, LETTER_CALL, 0, 'first']);
    deepEqual(other.call(), [from, LETTER_REQUEST, big, '€'.repeat(1000)]);
    equal(other.call(), undefined);
    equal(other.wrap.wait(0), 0);
  });

  it('whatever the length of a text, it arrives whole', () => {
    one.wrap.attach(other.wrap.address);
    for (const letter of ['x', 'é', '€', '😀']) {
      for (let length = 60; length < 270; length++) {
        one.wrap.post(other.wrap.address, LETTER_CALL, 0, letter.repeat(length));
        other.wrap.wait(0);
        equal(other.call()?.[3], letter.repeat(length));
      }
    }
  });

  it('that closes sends calls back that were not run to their end, and says that it has closed', () => {
    const { address } = other.wrap;
    one.wrap.attach(address);
    for (const text of ['ended', 'begun', 'taken']) one.wrap.post(address, LETTER_CALL, 0, text);
    other.wrap.wait(0);
    equal(other.call()?.[3], 'ended');
    equal(other.call()?.[3], 'begun');
    one.wrap.post(address, LETTER_CALL, 0, 'late');
    one.wrap.post(address, LETTER_REQUEST, 5, 'a request');
    other.wrap.close();
    equal(one.wrap.wait(0), 0);
    deepEqual(one.notice(), [address, LETTER_RETURNED, 0, 'begun']);
    deepEqual(one.notice(), [address, LETTER_RETURNED, 0, 'taken']);
    deepEqual(one.notice(), [address, LETTER_RETURNED, 0, 'late']);
    deepEqual(one.notice(), [address, LETTER_CLOSED, 0, '']);
    equal(one.notice(), undefined);
    equal(one.wrap.post(address, LETTER_CALL, 0, 'x'), ESRCH);
    equal(one.wrap.attach(address), ESRCH);
  });

  it('does not send back a call that was said to have ended', () => {
    one.wrap.attach(other.wrap.address);
    one.wrap.post(other.wrap.address, LETTER_CALL, 0, 'x');
    other.wrap.wait(0);
    equal(other.call()?.[3], 'x');
    other.wrap.endCall();
    other.wrap.close();
    one.wrap.wait(0);
    deepEqual(one.notice(), [other.wrap.address, LETTER_CLOSED, 0, '']);
  });

  it('does the same when its loop closes, and may write to itself', () => {
    const { address } = other.wrap;
    other.wrap.attach(address);
    one.wrap.attach(address);
    equal(other.wrap.post(address, LETTER_CALL, 0, 'own'), 0);
    equal(one.wrap.post(address, LETTER_CALL, 0, 'text'), 0);
    loops[1]?.close();
    one.wrap.wait(0);
    deepEqual(one.notice(), [address, LETTER_RETURNED, 0, 'text']);
    deepEqual(one.notice(), [address, LETTER_CLOSED, 0, '']);
  });

  it('wait() blocks for so long at most', () => {
    const before = performance.now();
    equal(one.wrap.wait(20), 0);
    ok(performance.now() - before >= 19);
  });

  it('answers a negative code to wrong arguments, and after it was closed', () => {
    const wrap = one.wrap as unknown as Record<string, (...given: unknown[]) => unknown>;
    const values = [undefined, null, 'x', {}, Symbol(), -1, 1e300, Number.NaN, () => {}];
    one.wrap.attach(other.wrap.address);
    for (const value of values) {
      ok((wrap.attach?.(value) as number) < 0);
      equal(wrap.post?.(other.wrap.address, LETTER_CALL, 0, value), value === 'x' ? 0 : EINVAL);
      equal(wrap.post?.(other.wrap.address, 99, 0, 'x'), EINVAL);
      equal(wrap.setReferenced?.(value), EINVAL);
      if (value !== 1e300) equal(wrap.wait?.(value), EINVAL);
    }
    equal(wrap.post?.(), EINVAL);
    one.wrap.close();
    one.wrap.close();
    equal(one.wrap.attach(other.wrap.address), UV_EBADF);
    equal(one.wrap.post(other.wrap.address, LETTER_CALL, 0, 'x'), UV_EBADF);
    equal(one.wrap.wait(0), UV_EBADF);
    equal(one.wrap.setReferenced(true), UV_EBADF);
    one.wrap.endCall();
    deepEqual([one.call(), one.notice()], [undefined, undefined]);
    const Class = native.MailboxWrap as unknown as new (...given: unknown[]) => object;
    const loop = loops[0] as EventLoop;
    for (const wrong of [undefined, new Float64Array(2), new Uint8Array(2), 'x']) {
      throws(() => new Class(loop._reactor.wrap, {}, wrong), { code: 'EINVAL' });
    }
  });
});
