/**
 * ExceptionGroup: several errors at once, and choosing among them, as Python's does.
 *
 * What split() and subgroup() choose is compared with Python's in test/differential/exception_groups.
 */

import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { inspect } from 'node:util';
import { ExceptionGroup } from '../../src/index.js';

// biome-ignore lint/suspicious/noExplicitAny: wrong types are the point
type Any = any;

describe('ExceptionGroup', () => {
  const range = new RangeError('range');
  const type = new TypeError('type');

  it('is an AggregateError of its own name', () => {
    const group = new ExceptionGroup('several', [range, type]);
    ok(group instanceof AggregateError);
    ok(group instanceof Error);
    equal(group.name, 'ExceptionGroup');
    equal(group.message, 'several (2 sub-exceptions)');
    equal(new ExceptionGroup('one', [range]).message, 'one (1 sub-exception)');
    deepEqual(group.errors, [range, type]);
    equal(group.exceptions, group.errors);
    match(group.stack as string, /^ExceptionGroup: several \(2 sub-exceptions\)\n\s+at /);
  });

  it('takes any iterable, and keeps a copy', () => {
    const errors = [range, type];
    const group = new ExceptionGroup('several', new Set(errors));
    const copied = new ExceptionGroup('several', errors);
    errors.length = 0;
    deepEqual([group.errors.length, copied.errors.length], [2, 2]);
  });

  it('refuses what is no message, and no or nothing to hold', () => {
    const refused: [() => unknown, string, string][] = [
      [() => new ExceptionGroup(5 as Any, [range]), 'TypeError', 'message must be a string, got 5'],
      [
        () => new ExceptionGroup('x', range as Any),
        'TypeError',
        "errors must be an iterable of errors, got RangeError('range')",
      ],
      [
        () => new ExceptionGroup('x', undefined as Any),
        'TypeError',
        'errors must be an iterable of errors, got undefined',
      ],
      [
        () => new ExceptionGroup('x', [range], 'why' as Any),
        'TypeError',
        "options must be an object, got 'why'",
      ],
      [() => new ExceptionGroup('x', []), 'RangeError', 'errors must be one error or more, got []'],
      [
        () => new ExceptionGroup('x', [range]).split('RangeError' as Any),
        'TypeError',
        "condition must be a function, got 'RangeError'",
      ],
    ];
    for (const [call, name, message] of refused) throws(call, { name, message });
  });

  it('shows all of its errors, and their causes', () => {
    const inner = new ExceptionGroup('inner', [new Error('deep', { cause: type })]);
    const shown = inspect(new ExceptionGroup('outer', [range, inner]), { depth: 5 });
    for (const text of ['outer (2 sub-exceptions)', 'range', 'inner (1', 'deep', 'type']) {
      ok(shown.includes(text), `${text} in ${shown}`);
    }
  });

  it('may have a cause, which its parts have too', () => {
    const group = new ExceptionGroup('several', [range, type], { cause: 'why' });
    equal(group.cause, 'why');
    const [ranges, rest] = group.split(RangeError);
    deepEqual([ranges?.cause, rest?.cause], ['why', 'why']);
  });

  it('the parts of a group without a cause have none', () => {
    const group = new ExceptionGroup('several', [range, type]);
    ok(!('cause' in group));
    for (const part of group.split(RangeError)) ok(part !== null && !('cause' in part));
  });

  it('parts are of the class that derive() makes', () => {
    class Failures extends ExceptionGroup {
      override derive(errors: Iterable<unknown>): Failures {
        return new Failures('derived', errors);
      }
    }
    const [ranges, rest] = new Failures('several', [range, type]).split(RangeError);
    ok(ranges instanceof Failures && rest instanceof Failures);
    equal(ranges.message, 'derived (1 sub-exception)');
  });

  it('holds what is no error too', () => {
    const group = new ExceptionGroup('several', [undefined, 'text', range]);
    const texts = group.subgroup((error) => typeof error === 'string');
    deepEqual(texts?.errors, ['text']);
    deepEqual(group.subgroup(Error), group);
  });

  it('a condition that throws is heard', () => {
    const fails = () => {
      throw new Error('condition');
    };
    throws(() => new ExceptionGroup('several', [range]).split(fails), { message: 'condition' });
  });
});
