// A gibibyte through `cat`, in and out, or through a pipeline of three programs, by uvio.
// Usage: node uvio.mjs --work cat|pipeline [--style streams|protocol]
import { parseArgs } from 'node:util';
import {
  createSubprocessExec,
  createTask,
  Future,
  getRunningLoop,
  PIPE,
  pipeline,
  run,
  SubprocessProtocol,
} from '../../dist/src/index.js';
import { BLOCK, PIPELINE, SIZE, timed } from './measure.mjs';

async function throughStreams() {
  const cat = await createSubprocessExec('cat', [], { stdin: PIPE, stdout: PIPE });
  const feeding = createTask(async () => {
    for (let sent = 0; sent < SIZE; sent += BLOCK.length) {
      cat.stdin.write(BLOCK);
      await cat.stdin.drain();
    }
    cat.stdin.close();
  });
  let received = 0;
  for (;;) {
    const data = await cat.stdout.read(BLOCK.length);
    if (data.length === 0) break;
    received += data.length;
  }
  await feeding;
  await cat.wait();
  return received;
}

class Cat extends SubprocessProtocol {
  received = 0;
  ended = new Future();
  #sent = 0;
  #paused = false;

  connectionMade(transport) {
    this.stdin = transport.getPipeTransport(0);
    this.#feed();
  }
  pipeDataReceived(_, data) {
    this.received += data.length;
  }
  pauseWriting() {
    this.#paused = true;
  }
  resumeWriting() {
    this.#paused = false;
    this.#feed();
  }
  connectionLost() {
    this.ended.setResult();
  }
  #feed() {
    while (!this.#paused && this.#sent < SIZE) {
      this.stdin.write(BLOCK);
      this.#sent += BLOCK.length;
    }
    if (this.#sent >= SIZE) this.stdin.writeEof();
  }
}

async function throughProtocol() {
  const options = { stdin: PIPE, stdout: PIPE, stderr: null };
  const [, cat] = await getRunningLoop().subprocessExec(() => new Cat(), 'cat', [], options);
  await cat.ended;
  return cat.received;
}

async function throughPipeline() {
  const joined = await pipeline(...PIPELINE, { stdout: PIPE });
  const [counted] = await joined.communicate();
  return Number(counted);
}

const { values } = parseArgs({
  options: { work: { type: 'string' }, style: { type: 'string', default: 'streams' } },
});
const throughCat = values.style === 'protocol' ? throughProtocol : throughStreams;
await run(() => timed(values.work === 'cat' ? throughCat : throughPipeline));
