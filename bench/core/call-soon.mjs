// The two figures of callSoon, which are the same whatever the style of the tasks around it.
// Invariant: each returns a future that the last of `count` callbacks finishes.
import { Future, getRunningLoop } from '../../dist/src/index.js';

export function callSoonBatch(count) {
  const loop = getRunningLoop();
  const done = new Future();
  let left = count;
  const callback = () => {
    if (--left === 0) done.setResult();
  };
  for (let i = 0; i < count; i++) loop.callSoon(callback);
  return done;
}

export function callSoonChain(count) {
  const loop = getRunningLoop();
  const done = new Future();
  let left = count;
  const callback = () => {
    if (--left === 0) done.setResult();
    else loop.callSoon(callback);
  };
  loop.callSoon(callback);
  return done;
}
