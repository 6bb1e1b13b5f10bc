// What `import 'uvio'` takes: the processor time of a program that has nothing else, less that of an empty one.
//
// The difference of the lower quartiles of many runs of both, in turns: what else the machine does only ever adds, to both
// alike. (The lower quartile of the differences would be lower the more the runs of the empty program vary.)

import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install } from './smoke.mjs';

const PAIRS = 200;

/** Milliseconds of processor time, with the package of `tarball` on the program `node`. */
export function importTime(tarball, node) {
  const { folder } = install(tarball, node);
  try {
    // Written without a stream, which the other has not loaded.
    const report =
      'const { user, system } = process.cpuUsage();\n' +
      "process.getBuiltinModule('node:fs').writeSync(1, String(user + system));\n";
    const files = { empty: report, importing: `import 'uvio';\n${report}` };
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, `${name}.mjs`), text);
    const take = (name) => {
      const program = join(folder, `${name}.mjs`);
      return Number(execFileSync(node, [program], { encoding: 'utf8' })) / 1000;
    };
    const taken = { empty: [], importing: [] };
    for (let pair = 0; pair < PAIRS; pair++) {
      for (const name of Object.keys(files)) taken[name].push(take(name));
    }
    const [empty, importing] = Object.values(taken).map(
      (runs) => runs.sort((one, other) => one - other)[PAIRS / 4],
    );
    return importing - empty;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
