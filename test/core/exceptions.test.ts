/**
 * The error classes: names, codes, and what they are instances of.
 */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import {
  CancelledError,
  InvalidStateError,
  KeyboardInterrupt,
  newEventLoop,
  RuntimeError,
  TimeoutError,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';

const classes = {
  CancelledError,
  InvalidStateError,
  KeyboardInterrupt,
  RuntimeError,
  TimeoutError,
};

describe('error classes', () => {
  leavesNothingOpen();

  for (const [name, Class] of Object.entries(classes)) {
    it(`${name} is an Error of that name, with message, cause and stack`, () => {
      const cause = new Error('cause');
      const error = new Class('text', { cause });
      ok(error instanceof Error && error instanceof Class);
      deepEqual([error.name, error.message, error.cause], [name, 'text', cause]);
      ok(error.stack?.startsWith(`${name}: text\n`), error.stack);
      equal(Object.hasOwn(error, 'name'), false);
      for (const Other of Object.values(classes)) {
        equal(error instanceof Other, Other === Class);
      }
    });
  }

  it('codes are what users of Node expect', () => {
    equal(new CancelledError().code, 'ABORT_ERR');
    equal(new TimeoutError().code, 'ETIMEDOUT');
    equal(new KeyboardInterrupt().code, 'SIGINT');
  });

  it('a cancellation is one, whatever its message is', async () => {
    const loop = newEventLoop();
    for (const [message, text] of [
      [1, '1'],
      [Symbol('s'), 'Symbol(s)'],
      [Object.create(null), '[Object: null prototype] {}'],
    ]) {
      const future = loop.createFuture();
      future.cancel(message);
      await rejects(async () => await future, { name: 'CancelledError', message: text });
    }
    loop.close();
  });
});
