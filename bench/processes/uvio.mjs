// A gibibyte through `cat`, in and out, or through a pipeline of three programs, by uvio.
// Usage: node uvio.mjs --work cat|pipeline [--style streams|protocol|buffered]
import { parseArgs } from 'node:util';
import {
  BufferedSubprocessProtocol,
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

// What feeds `cat` is the same for both kinds of protocols.
const feeding = (Base) =>
  class extends Base {
    received = 0;
    ended = new Future();
    #sent = 0;
    #paused = false;

    connectionMade(transport) {
      this.stdin = transport.getPipeTransport(0);
      this.#feed();
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
  };

class Cat extends feeding(SubprocessProtocol) {
  pipeDataReceived(_, data) {
    this.received += data.length;
  }
}

class BufferedCat extends feeding(BufferedSubprocessProtocol) {
  #memory = Buffer.alloc(256 * 1024);

  getPipeBuffer() {
    return this.#memory;
  }
  pipeBufferUpdated(_, size) {
    this.received += size;
  }
}

async function throughProtocol(protocol) {
  const options = { stdin: PIPE, stdout: PIPE, stderr: null };
  const [, cat] = await getRunningLoop().subprocessExec(() => protocol, 'cat', [], options);
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
const ways = {
  streams: throughStreams,
  protocol: () => throughProtocol(new Cat()),
  buffered: () => throughProtocol(new BufferedCat()),
};
await run(() => timed(values.work === 'cat' ? ways[values.style] : throughPipeline));
