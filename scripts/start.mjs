// `npm start`: builds what is missing, then runs the demonstration; arguments are passed on.

import { join } from 'node:path';
import { root, runOrExit, setUp } from './setup.mjs';

setUp();
runOrExit(process.execPath, [join(root, 'dist', 'examples', 'demo.js'), ...process.argv.slice(2)]);
