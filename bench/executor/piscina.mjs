// Calls of a bare piscina with one thread: see calls.mjs.
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { timeCalls } from './calls.mjs';

const pool = new Piscina({
  filename: fileURLToPath(new URL('piscina-worker.mjs', import.meta.url)),
  maxThreads: 1,
});
const figures = await timeCalls(
  (...args) => pool.run(args, { name: 'callAdd' }),
  (...args) => pool.run(args, { name: 'callWork' }),
);
await pool.destroy();
console.log(JSON.stringify(figures));
