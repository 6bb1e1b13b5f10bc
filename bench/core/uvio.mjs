// uvio's figures: `--style functions` for tasks that are async functions, `--style generators` for tasks
// that are generators. Prints one line, {operation: nanoseconds}.
// Invariant: both styles do the same in the same order, so that their figures differ by the style alone.
import { createTask, run } from '../../dist/src/index.js';
import { timeOperations } from './timing.mjs';
import { functionBodies } from './uvio-functions.mjs';
import { generatorBodies } from './uvio-generators.mjs';

const styles = { functions: functionBodies, generators: generatorBodies };
const bodies = styles[process.argv[process.argv.indexOf('--style') + 1]];
if (bodies === undefined) throw new Error('--style functions or --style generators is needed');

await run(async () => {
  const figures = await timeOperations(bodies, (body, parameters) =>
    createTask(() => body(parameters)),
  );
  console.log(JSON.stringify(figures));
});
