/**
 * Who waits for whom, and where: captureCallGraph, formatCallGraph and printCallGraph.
 *
 * The shapes of the graphs are those of CPython 3.14, Lib/test/test_asyncio/test_graph.py.
 */

import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import {
  captureCallGraph,
  coroutine,
  createTask,
  currentTask,
  type EventLoop,
  type Future,
  type FutureCallGraph,
  formatCallGraph,
  gather,
  newEventLoop,
  printCallGraph,
  shield,
  sleep,
  type Task,
  taskGroup,
  timeout,
  wait,
  waitFor,
} from '../../src/index.js';
import { leavesNothingOpen } from '../support.js';
import { paper } from './paper.js';

/** The names in the graph: `[name, [above, …]]`. */
type Names = [string, Names[]];

function names(graph: FutureCallGraph | null): Names {
  ok(graph !== null);
  const name = 'getName' in graph.future ? (graph.future as Task).getName() : 'future';
  return [name, graph.awaitedBy.map(names)];
}

const functionsOf = (graph: FutureCallGraph | null) =>
  graph?.callStack.map((frame) => frame.functionName);

describe('the call graph', () => {
  leavesNothingOpen();
  let loop: EventLoop;
  let gate: Future<void>;
  beforeEach(() => {
    loop = newEventLoop();
    loop.setDebug(true);
    gate = loop.createFuture<void>();
  });
  afterEach(() => loop.close());

  async function atTheGate(): Promise<void> {
    await gate;
  }

  /** Runs `body` as the task 'main', with some batches behind it, and opens the gate. */
  const inMain = (body: () => Promise<unknown>) => async () => {
    const main = async () => {
      try {
        await body();
      } finally {
        gate.cancelled() || gate.setResult();
      }
    };
    await loop.createTask(main, { name: 'main' });
  };

  const settled = async () => {
    for (let batch = 0; batch < 3; batch++) await sleep(0);
  };

  it(
    'a task that awaits a task is above it, with the frames of both',
    inMain(async () => {
      const inner = createTask(atTheGate, { name: 'inner' });
      async function outside() {
        await inner;
      }
      const outer = createTask(outside, { name: 'outer' });
      await settled();
      const graph = captureCallGraph(inner);
      deepEqual(names(graph), ['inner', [['outer', []]]]);
      deepEqual(functionsOf(graph), ['atTheGate']);
      deepEqual(functionsOf(graph?.awaitedBy[0] ?? null), ['outside']);
      gate.setResult();
      await outer;
      gate = loop.createFuture<void>();
    }),
  );

  it(
    'the stack of an async function that awaits another has both, the innermost first',
    inMain(async () => {
      async function middle() {
        await atTheGate();
      }
      const task = createTask(middle);
      await settled();
      deepEqual(functionsOf(captureCallGraph(task)), ['atTheGate', 'middle']);
      deepEqual(
        task.getStack().map((frame) => frame.functionName),
        ['middle', 'atTheGate'],
      );
      ok(task.getStack().every((frame) => /call_graph\.test\.[jt]s$/.test(frame.fileName)));
    }),
  );

  it(
    'the stack of a generator has every yield* on the way',
    inMain(async () => {
      function* inside() {
        yield* gate;
      }
      const work = coroutine(function* outside() {
        yield* inside();
      });
      const task = createTask(work());
      await settled();
      deepEqual(functionsOf(captureCallGraph(task)), ['inside', 'outside']);
    }),
  );

  const joins: [string, (task: Task) => PromiseLike<unknown>][] = [
    ['gather', (task) => gather([task, sleep(0)])],
    ['shield', (task) => shield(task)],
    ['wait', (task) => wait([task])],
    ['waitFor', (task) => waitFor(task, 1_000_000)],
    ['gather of a shield', (task) => gather([shield(task)])],
    ['Promise.all', (task) => Promise.all([task, gate])],
    ['then', (task) => task.then(() => 1)],
  ];
  for (const [title, join] of joins) {
    it(
      `a task that awaits through ${title} is above what it awaits`,
      inMain(async () => {
        const inner = createTask(atTheGate, { name: 'inner' });
        const outer = createTask(async () => void (await join(inner)), { name: 'outer' });
        await settled();
        deepEqual(names(captureCallGraph(inner)), ['inner', [['outer', []]]]);
        deepEqual(names(captureCallGraph(gate))[0], 'future');
        gate.setResult();
        await outer;
        deepEqual(names(captureCallGraph(inner)), ['inner', []]);
        gate = loop.createFuture<void>();
      }),
    );
  }

  it(
    'a task group is awaited by its parent, while that is in the body too',
    inMain(async () => {
      let child: Task<void> | undefined;
      const parent = createTask(
        () =>
          taskGroup(async (group) => {
            child = group.createTask(atTheGate, { name: 'child' });
            await sleep(1_000_000);
          }),
        { name: 'parent' },
      );
      await settled();
      deepEqual(names(captureCallGraph(child)), ['child', [['parent', []]]]);
      parent.cancel();
      await rejects(async () => await parent);
      deepEqual(names(captureCallGraph(child)), ['child', []]);
    }),
  );

  it(
    'the running task is the default, and its stack is where it runs',
    inMain(async () => {
      async function here() {
        return captureCallGraph();
      }
      const graph = await timeout(1_000_000, here);
      equal(graph?.future, currentTask());
      equal(graph?.callStack[0]?.functionName, 'here');
    }),
  );

  it('there is none outside of tasks', () => {
    equal(captureCallGraph(), null);
    equal(formatCallGraph(), '');
  });

  it(
    'several tasks may await one',
    inMain(async () => {
      const inner = createTask(atTheGate, { name: 'inner' });
      for (const name of ['a', 'b']) createTask(async () => void (await inner), { name });
      await settled();
      deepEqual(names(captureCallGraph(inner)), [
        'inner',
        [
          ['a', []],
          ['b', []],
        ],
      ]);
    }),
  );

  it(
    'tasks that await each other in a ring end the graph',
    inMain(async () => {
      const tasks: Task[] = [];
      const next = (index: number) => async () => void (await tasks[(index + 1) % 3]);
      for (let index = 0; index < 3; index++) {
        tasks.push(createTask(next(index), { name: `task ${index}` }));
      }
      await settled();
      deepEqual(names(captureCallGraph(tasks[0])), ['task 0', [['task 2', [['task 1', []]]]]]);
      match(String(tasks[0]), /wait_for=<Task name='task 1'>/);
      tasks[0]?.cancel();
      await Promise.allSettled(tasks);
    }),
  );

  it(
    'it is written in the form of asyncio',
    inMain(async () => {
      const inner = createTask(atTheGate, { name: 'inner' });
      createTask(async () => void (await gather([inner])), { name: 'outer' });
      await settled();
      const file = paper();
      printCallGraph(inner, { file });
      const lines = file.text.trimEnd().split('\n');
      equal(lines[0], "* Task(name='inner')");
      equal(lines[1], '  + Call stack:');
      match(lines[2] as string, /^ {2}\| {3}atTheGate \(.*call_graph\.test\.[jt]s:\d+:\d+\)$/);
      equal(lines[3], '  + Awaited by:');
      equal(lines[4], "    * Task(name='outer')");
      equal(formatCallGraph(gate).split('\n')[0], '* Future()');
    }),
  );

  it(
    'limit takes the innermost frames, or the outermost ones when it is negative',
    inMain(async () => {
      async function middle() {
        await atTheGate();
      }
      const task = createTask(middle);
      await settled();
      deepEqual(functionsOf(captureCallGraph(task, { limit: 1 })), ['atTheGate']);
      deepEqual(functionsOf(captureCallGraph(task, { limit: -1 })), ['middle']);
      deepEqual(functionsOf(captureCallGraph(task, { limit: 0 })), []);
    }),
  );

  it('what is no future is refused', () => {
    throws(() => captureCallGraph(5 as never), /future must be a Future or a Task, got 5/);
    throws(() => formatCallGraph(null, { limit: 1.5 }), /limit must be an integer/);
  });

  it('outside of debug mode the links are known, and no frames but those of the running task', async () => {
    loop.setDebug(false);
    const inner = loop.createTask(atTheGate, { name: 'inner' });
    const outer = loop.createTask(async () => void (await gather([inner])), { name: 'outer' });
    const graph = await loop.createTask(async () => {
      await settled();
      return captureCallGraph(inner);
    });
    deepEqual(names(graph), ['inner', [['outer', []]]]);
    deepEqual(functionsOf(graph), []);
    deepEqual(outer.getStack(), []);
    gate.setResult();
    await outer;
  });
});
