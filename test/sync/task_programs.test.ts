/**
 * Random programs of tasks, groups, deadlines and cancellations: what holds for all of them.
 *
 * Every task ends, every await is resumed once, no error vanishes, no timer is left; and a program does the
 * same, batch by batch, with async functions and with generators. What it has to do, asyncio says: see
 * ../differential/programs.test.ts.
 */

import { deepEqual } from 'node:assert/strict';
import { Future, sleep } from '../../src/index.js';
import type { Program } from '../programs/language.js';
import { eachProgram } from '../programs/properties.js';
import { World } from '../programs/world.js';
import { leavesNothingOpen } from '../support.js';

/** Runs `program` in both ways, of which neither may show a fault; the traces. */
async function runBoth(program: Program): Promise<[string[], string[]]> {
  const generators = await new World(program).run(true);
  deepEqual(generators.faults, []);
  const functions = await new World(program).run(false);
  deepEqual(functions.faults, []);
  return [generators.trace, functions.trace];
}

describe('random programs', () => {
  leavesNothingOpen();

  it('end, lose nothing, and are the same as async functions and as generators', async () => {
    await eachProgram({ eager: false }, 300, async (program) => {
      const [generators, functions] = await runBoth(program);
      deepEqual(functions, generators);
    });
  });

  it('end, lose nothing, and are the same when they are long', async () => {
    await eachProgram({ eager: false, size: 'medium' }, 80, async (program) => {
      const [generators, functions] = await runBoth(program);
      deepEqual(functions, generators);
    });
  });

  it('do the same in debug mode', async () => {
    await eachProgram({ eager: false }, 80, async (program) => {
      const world = new World(program);
      world.loop.setDebug(true);
      deepEqual((await world.run(false)).trace, (await new World(program).run(false)).trace);
    });
  });

  // Not compared: createTask() returns when the body of an eager task suspends, and an async function
  // suspends at its first await of another async function, a generator where it has to wait.
  it('end and lose nothing when tasks start eagerly', async () => {
    await eachProgram({ eager: true }, 200, async (program) => void (await runBoth(program)));
  });

  describe('are watched:', () => {
    const nothing: Program = { main: { id: 0, block: [] }, events: [], count: 1 };

    async function faultsOf(sabotage: (world: World) => void): Promise<string[]> {
      const world = new World(nothing);
      world.loop.callSoon(() => sabotage(world));
      return (await world.run(true)).faults;
    }

    it('a program without a fault has none', async () => {
      deepEqual(await faultsOf(() => {}), []);
    });

    it('a task that never ends is a fault', async () => {
      const faults = await faultsOf(({ loop }) => {
        loop.createTask(async () => {
          await new Future();
        });
      });
      deepEqual(faults, ['1 tasks hang']);
    });

    it('an await that is never resumed is a fault', async () => {
      const faults = await faultsOf((world) => void world.suspend(new Future()));
      deepEqual(faults, ['1 awaits were never resumed']);
    });

    it('an await that is resumed twice is a fault', async () => {
      const faults = await faultsOf((world) => {
        const future = world.future(0);
        future.setResult(1);
        const point = world.suspend(future);
        world.suspend(future);
        point.resumed(1);
        point.resumed(1);
      });
      deepEqual(faults, ['an await was resumed twice']);
    });

    it('an await that is resumed too early, or with something else, is a fault', async () => {
      const faults = await faultsOf((world) => {
        world.suspend(world.future(0)).resumed(1);
        world.suspend(world.future(0)).thrown(new Error('early'));
        world.set(1, 'result');
        world.suspend(world.future(1)).resumed('other');
      });
      deepEqual(faults, [
        'an await was resumed before its future was done',
        'an await threw Error: early before its future was done',
        'an await gave something else',
      ]);
    });

    it('a timer that is left is a fault', async () => {
      const faults = await faultsOf(({ loop }) => void loop.callLater(1e6, () => {}));
      deepEqual(faults, ['1 timers are left']);
    });

    it('an error that nobody hears of is a fault', async () => {
      const faults = await faultsOf((world) => {
        const failing = world.loop.createTask(
          async () => {
            await sleep(0);
            throw world.boom();
          },
          { name: 'failing' },
        );
        world.tasks.set(1, failing as never);
        failing.addDoneCallback(() => failing.exception());
      });
      deepEqual(faults, ['Error: 1 of failing has vanished']);
    });
  });
});
