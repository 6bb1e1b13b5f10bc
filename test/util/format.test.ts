/**
 * How values appear in messages: one line, and never an exception, whatever the value.
 */

import { equal, ok } from 'node:assert/strict';
import { inspect } from 'node:util';
import { callName, describeError, repr } from '../../src/util/format.js';
import { leavesNothingOpen } from '../support.js';

const hostile = {
  [inspect.custom](): string {
    throw new Error('hostile');
  },
};

class HostileError extends Error {
  override get message(): string {
    throw new Error('hostile');
  }
}

describe('formatting', () => {
  leavesNothingOpen();

  it('repr() shows values as Node does, on one line', () => {
    equal(repr(1), '1');
    equal(repr('text'), "'text'");
    equal(repr(undefined), 'undefined');
    equal(repr({ a: { b: 1 } }), '{ a: [Object] }');
    ok(!repr(Array.from({ length: 100 }, () => 'a long entry of a list')).includes('\n'));
  });

  it('repr() shows an error as Python does', () => {
    equal(repr(new RangeError('too far')), "RangeError('too far')");
    equal(repr(new Error('')), "Error('')");
  });

  it('callName() shows a call', () => {
    equal(
      callName(function work() {}),
      'work()',
    );
    equal(
      callName(() => {}),
      '<anonymous>()',
    );
    equal(callName(undefined), '<anonymous>()');
    equal(callName(function work() {}.bind(null)), 'bound work()');
  });

  it('describeError() has the stack and the causes', () => {
    const text = describeError(new RangeError('outer', { cause: new TypeError('inner') }));
    ok(text.startsWith('RangeError: outer\n    at '), text);
    ok(text.includes('[cause]: TypeError: inner'), text);
    equal(describeError('no error'), "'no error'");
  });

  it('nothing throws, whatever it is given', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const value of [
      hostile,
      new HostileError(),
      proxy,
      Object.create(null),
      Symbol('s'),
      5n,
    ]) {
      equal(typeof repr(value), 'string');
      equal(typeof describeError(value), 'string');
      equal(typeof callName(value), 'string');
    }
    for (const name of [5, Symbol('s'), hostile]) {
      const named = () => {};
      Object.defineProperty(named, 'name', { value: name });
      equal(typeof callName(named), 'string');
    }
  });
});
