// How the programs in JavaScript time the operations of `plan.json`, or of another `--plan`; `asyncio_core.py` does the same.
// Invariants: each figure is the median of the plan's samples, taken after its warm-ups, in nanoseconds
// of CPU time (user and system, all threads) for one of `count`, so that a neighbour on the core does not
// count. No collection is forced in between: V8 throws compiled code away with one, which no program sees.
import { readFileSync } from 'node:fs';
import { median } from '../lib/statistics.mjs';

const option = process.argv.indexOf('--plan');
const file = option === -1 ? 'plan.json' : process.argv[option + 1];
const plan = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));

async function sample(perform, body, parameters) {
  const before = process.cpuUsage();
  await perform(body, parameters);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1e3) / parameters.count;
}

// `bodies` has a function for each operation; null where it cannot be measured yet, and none where there
// is nothing to compare. `perform` runs one.
export async function timeOperations(bodies, perform) {
  const figures = {};
  for (const [name, { parameters }] of Object.entries(plan.operations)) {
    const body = bodies[name];
    if (body === undefined) continue;
    figures[name] = null;
    if (body === null) continue;
    const times = [];
    for (let run = 0; run < plan.warmups + plan.samples; run++) {
      times.push(await sample(perform, body, parameters));
    }
    figures[name] = median(times.slice(plan.warmups));
  }
  return figures;
}
