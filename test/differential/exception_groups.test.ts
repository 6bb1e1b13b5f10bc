/**
 * ExceptionGroup against CPython: what split() and subgroup() choose.
 *
 * Each test is the twin of the function of that name in scenarios/exception_groups.py.
 */

import { ExceptionGroup } from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { Boom, theme } from './stage.js';

class Bang extends Error {}

const nested = () =>
  new ExceptionGroup('outer', [
    new Boom('a'),
    new ExceptionGroup('inner', [new Bang('b'), new Boom('c')]),
    new ExceptionGroup('last', [new Bang('d')]),
  ]);

describe('ExceptionGroup, as in Python', () => {
  leavesNothingOpen();
  const { same } = theme('exception_groups');

  same('errors of a class', 'by_class', ({ log }) => {
    const group = nested();
    log(group.subgroup(Boom));
    log(group.subgroup(Bang));
    log(group.subgroup(RangeError));
    log(...group.split(Boom));
    log(...group.split(RangeError));
  });

  same('what matches as a whole is given as it is', 'whole_groups', ({ log }) => {
    const group = nested();
    log(group.subgroup(ExceptionGroup) === group, group.subgroup(Error) === group);
    const [matching, rest] = group.split(Error);
    log(matching === group, rest);
    const only = new ExceptionGroup('only', [new Boom('a'), new Boom('b')]);
    log(only.subgroup(Boom) === only, ...only.split(Boom));
  });

  same('errors that a function chooses', 'by_function', ({ log }) => {
    const group = nested();
    const isInner = (error: unknown) =>
      error instanceof ExceptionGroup && error.message.startsWith('inner ');
    const [matching, rest] = group.split(isInner);
    log(matching, rest);
    log(matching?.exceptions[0] === group.exceptions[1]);
    log(group.subgroup((error) => /^[bd]$/.test((error as Error).message)));
  });

  same('groups of other errors', 'deriving', ({ log }) => {
    const group = nested();
    log(group.derive([new Boom('other')]));
    const [matching, rest] = group.split(Bang);
    log([matching?.exceptions.length, rest?.exceptions.length]);
  });
});
