/**
 * A worker process of a ProcessPoolExecutor: calls come and outcomes go through the channel to its parent.
 *
 * Invariant: it ends with its parent, whose end it sees by that of the channel.
 */

import perform, { type Call, pack, uncloneable } from './executor_worker.js';

// Not for the calls, whose messages the parent would take for outcomes.
const send = process.send?.bind(process);
delete process.send;

process.on('message', async (call: Call) => {
  const outcome = await perform(call);
  try {
    send?.(outcome);
  } catch (error) {
    send?.({ thrown: pack(uncloneable(error)) });
  }
});

process.on('disconnect', () => process.exit());

// Ctrl-C in a terminal goes to every process there; what becomes of the work is for the parent to say.
process.on('SIGINT', () => {});
