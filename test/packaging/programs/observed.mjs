// In the installed package: the observer's thread is found, and the frames of the bundle are told from a program's.
import { formatCallGraph, getRunningLoop, run, setLogger, sleep } from 'uvio';

function compute() {
  const end = performance.now() + 1500;
  while (performance.now() < end);
}

setLogger({ ...console, warn: (text) => console.log(text) });
await run(
  async function main() {
    console.log(formatCallGraph());
    getRunningLoop().setWatchdog(100);
    await sleep(500);
    compute();
  },
  { debug: true },
);
