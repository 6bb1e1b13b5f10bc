// The works that have many figures of equal weight: one summary for each operation.
// Invariant: an operation lists only the peers that have its figure in every round, so that a program may
// leave out what it has no equivalent of; null stands for what it cannot do yet, and is skipped by name.
import { summarise } from './statistics.mjs';

const has = (key) => (run) => typeof run[key] === 'number';

// `runs` maps each peer's name to its runs, in the order of the rounds.
export function summariseOperations(runs, work) {
  return Object.fromEntries(
    work.operations.map((operation) => {
      const { key } = operation;
      const measured = Object.entries(runs).filter(([, all]) => all.every(has(key)));
      const figures = measured.map(([name, all]) => [
        name,
        all.map((run) => ({ [key]: run[key] })),
      ]);
      const peers = summarise(Object.fromEntries(figures), [operation], [work.baseline]);
      return [key, { ...operation, peers }];
    }),
  );
}

// What peers cannot do yet, each operation with those who lack it.
export function missingOperations(runs, work) {
  const missing = [];
  for (const { key, title } of work.operations) {
    const peers = Object.keys(runs).filter((name) => runs[name].some((run) => run[key] === null));
    if (peers.length > 0) missing.push(`${title} (not in ${peers.join(', ')} yet)`);
  }
  return missing;
}
