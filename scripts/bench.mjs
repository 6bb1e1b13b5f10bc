// `npm run bench`: builds what is missing, then runs the benchmarks; arguments are passed on.

import { join } from 'node:path';
import { root, runOrExit, setUp } from './setup.mjs';

setUp();
runOrExit(process.execPath, [join(root, 'bench', 'run.mjs'), ...process.argv.slice(2)]);
