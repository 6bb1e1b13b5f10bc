/**
 * Random programs of tasks, groups, deadlines and cancellations do on uvio what they do on asyncio.
 *
 * Both run the program with a clock that counts batches; every event of the trace says in which batch it was. Left
 * out is what CPython itself leaves open, or has changed since 3.11 in ways that scenarios/programs/newer.py cannot
 * bring: waitFor(), which is another one since 3.12; eager tasks, which are newer; and a cancellation's message, which
 * a task of CPython gives once only.
 */

import { deepEqual, notDeepEqual } from 'node:assert/strict';
import type { Program, Statement } from '../programs/language.js';
import { eachProgram } from '../programs/properties.js';
import { PythonInterpreter } from '../programs/python.js';
import { World } from '../programs/world.js';
import { leavesNothingOpen } from '../support.js';

const withoutMessages = (trace: string[]): string[] =>
  trace.map((event) => event.replaceAll(/CancelledError\(\w*\)/g, 'CancelledError'));

describe('random programs, as on asyncio', () => {
  let python: PythonInterpreter;
  after(() => python.close());
  leavesNothingOpen();
  before(() => {
    python = new PythonInterpreter();
  });

  async function compare(program: Program): Promise<void> {
    const expected = withoutMessages(await python.trace(program));
    for (const generators of [true, false]) {
      const { trace } = await new World(program).run(generators);
      deepEqual(withoutMessages(trace), expected);
    }
  }

  it('do the same in the same batches', async () => {
    await eachProgram({ without: ['waitFor'], eager: false }, 250, compare);
  });

  it('do the same in the same batches when they are long', async () => {
    await eachProgram({ without: ['waitFor'], eager: false, size: 'medium' }, 60, compare);
  });

  it('are compared: one batch more is seen', async () => {
    const sleeping = (batches: number): Program => {
      const block: Statement[] = [{ op: 'sleep', batches, atOnce: false }];
      return { main: { id: 0, block }, events: [], count: 1 };
    };
    const expected = await python.trace(sleeping(2));
    deepEqual((await new World(sleeping(2)).run(false)).trace, expected);
    notDeepEqual((await new World(sleeping(3)).run(false)).trace, expected);
  });
});
