// Many tasks at once on uvio: `--style functions|generators`, `--wait future|sleep`, `--count N`.
// Prints one line: bytes per waiting task, nanoseconds to create one and to cancel one.
// Invariant: the loop runs tasks in order, so that the last one to begin or end tells that all did.
import { createTask, Future, gather, run, sleep } from '../../dist/src/index.js';
import { nanoseconds, report, residentBytes } from './memory.mjs';

const HOUR = 3_600_000;

const bodies = {
  functions: {
    async future() {
      await new Future();
    },
    async sleep() {
      await sleep(HOUR);
    },
  },
  generators: {
    *future() {
      yield* new Future();
    },
    *sleep() {
      yield* sleep(HOUR);
    },
  },
};

const word = (option) => process.argv[process.argv.indexOf(option) + 1];
const body = bodies[word('--style')]?.[word('--wait')];
if (body === undefined) throw new Error('--style and --wait are needed');

async function measure(count) {
  const before = residentBytes();
  const start = nanoseconds();
  const tasks = [];
  for (let i = 0; i < count; i++) tasks.push(createTask(body));
  await createTask(async () => {});
  const created = nanoseconds();

  const memory = residentBytes() - before;

  const begin = nanoseconds();
  for (const task of tasks) task.cancel();
  await gather(tasks.slice(-1), { returnExceptions: true });
  const cancelled = nanoseconds();

  if (!tasks.every((task) => task.cancelled())) throw new Error('a task is not cancelled');
  return {
    memory: memory / count,
    create: (created - start) / count,
    cancel: (cancelled - begin) / count,
  };
}

await run(() => report(process.argv, measure));
