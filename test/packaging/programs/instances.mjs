// In the installed package: import, require, uvio/testing and a worker thread have what they should have of one library.
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import * as namespace from 'uvio';
import { VirtualClockLoop } from 'uvio/testing';

const require = createRequire(import.meta.url);
const required = require('uvio');
const uvio = { ...namespace };
const names = Object.keys(uvio);
if (names.some((name) => required[name] !== uvio[name])) throw new Error('require is another uvio');
if (require('uvio/testing').VirtualClockLoop !== VirtualClockLoop) throw new Error('two testing');
if (Object.getPrototypeOf(VirtualClockLoop) !== uvio.EventLoop) throw new Error('testing is apart');
const renamed = names.filter((name) => uvio[name]?.prototype && uvio[name].name !== name);
if (renamed.length > 0) throw new Error(`the bundle has renamed ${renamed}`);

const worker = new Worker(
  "import('uvio').then(({ run, sleep }) => run(async () => { await sleep(1); console.log('worker'); }));",
  { eval: true },
);
await new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject));
console.log(names.length > 100 ? 'one library' : names);
