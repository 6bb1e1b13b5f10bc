/**
 * Checks of arguments: what passes, what does not, and how the error reads.
 */

import { equal, throws } from 'node:assert/strict';
import {
  checkBoolean,
  checkDuration,
  checkFunction,
  checkInteger,
  checkNoZero,
  checkNumber,
  checkOptions,
  checkPort,
  rangeError,
  typeError,
} from '../../src/util/check.js';
import { leavesNothingOpen } from '../support.js';

function refuses(name: 'TypeError' | 'RangeError', message: string, call: () => void): void {
  const code = name === 'TypeError' ? 'ERR_INVALID_ARG_TYPE' : 'ERR_OUT_OF_RANGE';
  throws(call, { name, message, code });
}

describe('checks of arguments', () => {
  leavesNothingOpen();

  it('what is right passes', () => {
    checkFunction('f', () => {});
    checkBoolean('b', false);
    for (const number of [0, -1, 1.5, Number.POSITIVE_INFINITY]) checkNumber('n', number);
    for (const duration of [0, 0.5, Number.POSITIVE_INFINITY]) checkDuration('d', duration);
    for (const integer of [0, 5, 10]) checkInteger('i', integer, 0, 10);
    for (const port of [0, 1, 65535]) checkPort('port', port);
    for (const options of [undefined, {}, []]) checkOptions(options);
  });

  it('a wrong type is a TypeError that names the argument and shows the value', () => {
    refuses('TypeError', "f must be a function, got 'x'", () => checkFunction('f', 'x'));
    refuses('TypeError', 'b must be a boolean, got 1', () => checkBoolean('b', 1));
    refuses('TypeError', "n must be a number, got '5'", () => checkNumber('n', '5'));
    refuses('TypeError', "d must be a number, got '1s'", () => checkDuration('d', '1s'));
    refuses('RangeError', 'd must be 0 or more, got -1', () => checkDuration('d', -1));
    refuses('TypeError', 'n must be a number, got 5n', () => checkNumber('n', 5n));
    refuses('TypeError', "host must be without zero bytes, got 'a\\x00b'", () =>
      checkNoZero('host', 'a\0b'),
    );
    refuses('TypeError', "port must be an integer, got '80'", () => checkPort('port', '80'));
    refuses('TypeError', 'options must be an object, got null', () => checkOptions(null));
    refuses('TypeError', 'where must be an object, got 5', () => checkOptions(5, 'where'));
  });

  it('a value out of range is a RangeError that says the range', () => {
    const ports = 'port must be an integer from 0 to 65535';
    for (const port of [-1, 65536, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      refuses('RangeError', `${ports}, got ${port}`, () => checkPort('port', port));
    }
    refuses('RangeError', 'n must be a number other than NaN, got NaN', () =>
      checkNumber('n', Number.NaN),
    );
  });

  it('a value is shown on one line, and a long one in part', () => {
    const shown = (value: unknown) =>
      typeError('a', 'b', value).message.slice('a must be b, got '.length);
    equal(shown({ deep: { deeper: 1 } }), '{ deep: [Object] }');
    equal(shown(Symbol('s')), 'Symbol(s)');
    equal(shown('x'.repeat(500)).length, 80);
    equal(shown('x'.repeat(500)).endsWith('...'), true);
    equal(shown({ list: Array.from({ length: 50 }, () => 'text') }).includes('\n'), false);
    equal(shown('two\nlines').includes('\n'), false);
    equal(rangeError('a', 'b', 5).message, 'a must be b, got 5');
  });

  it('a value that throws when it is shown does not hide the error', () => {
    const hostile = {
      get [Symbol.toStringTag](): string {
        throw new Error('hostile');
      },
    };
    throws(() => checkNumber('n', hostile), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  });
});
