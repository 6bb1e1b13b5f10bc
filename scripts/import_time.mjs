// What `import 'uvio'` takes: the processor time of a program that has nothing else, less that of an empty one.
//
// The least of many interleaved runs, since whatever else the machine does can only add to it.

import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install } from './smoke.mjs';

const RUNS = 40;

/** Milliseconds of processor time, with the package of `tarball` on the program `node`. */
export function importTime(tarball, node) {
  const { folder } = install(tarball, node);
  try {
    // Written without a stream, which the other has not loaded.
    const report =
      'const { user, system } = process.cpuUsage();\n' +
      "process.getBuiltinModule('node:fs').writeSync(1, String(user + system));\n";
    const files = { empty: report, importing: `import 'uvio';\n${report}` };
    const least = { empty: Infinity, importing: Infinity };
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, `${name}.mjs`), text);
    for (let run = 0; run < RUNS; run++) {
      for (const name of Object.keys(files)) {
        const microseconds = execFileSync(node, [join(folder, `${name}.mjs`)], {
          encoding: 'utf8',
        });
        least[name] = Math.min(least[name], Number(microseconds) / 1000);
      }
    }
    return least.importing - least.empty;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
