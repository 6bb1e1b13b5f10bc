// The same as uvio.mjs by Node's child_process, which joins programs in JavaScript.
// Usage: node node.mjs --work cat|pipeline
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { BLOCK, PIPELINE, SIZE, timed } from './measure.mjs';

const pipes = { stdio: ['pipe', 'pipe', 'inherit'] };

async function throughCat() {
  const cat = spawn('cat', pipes);
  let received = 0;
  cat.stdout.on('data', (data) => {
    received += data.length;
  });
  for (let sent = 0; sent < SIZE; sent += BLOCK.length) {
    if (!cat.stdin.write(BLOCK)) await once(cat.stdin, 'drain');
  }
  cat.stdin.end();
  await once(cat, 'close');
  return received;
}

async function throughPipeline() {
  const programs = PIPELINE.map(([program, ...args]) => spawn(program, args, pipes));
  const closed = programs.map((program) => once(program, 'close'));
  programs.reduce((one, next) => {
    one.stdout.pipe(next.stdin);
    return next;
  });
  let counted = '';
  programs.at(-1).stdout.on('data', (data) => {
    counted += data;
  });
  await Promise.all(closed);
  return Number(counted);
}

const { values } = parseArgs({ options: { work: { type: 'string' } } });
await timed(values.work === 'cat' ? throughCat : throughPipeline);
