// A lock and a queue as one writes them by hand with promises, to compare asyncio's with.
// Invariant: those who wait are woken in the order in which they came; who is woken looks again, as in
// asyncio's queue, because somebody else may have been faster.

export class Mutex {
  #tail = Promise.resolve();

  // A promise of the function that releases it.
  acquire() {
    let release;
    const released = new Promise((resolve) => {
      release = resolve;
    });
    const acquired = this.#tail.then(() => release);
    this.#tail = released;
    return acquired;
  }
}

export class PromiseQueue {
  #maxsize;
  #items = [];
  #getters = [];
  #putters = [];

  constructor(maxsize) {
    this.#maxsize = maxsize;
  }

  async put(item) {
    while (this.#items.length >= this.#maxsize) await waitIn(this.#putters);
    this.#items.push(item);
    this.#getters.shift()?.();
  }

  async get() {
    while (this.#items.length === 0) await waitIn(this.#getters);
    const item = this.#items.shift();
    this.#putters.shift()?.();
    return item;
  }
}

function waitIn(line) {
  return new Promise((resolve) => {
    line.push(resolve);
  });
}
