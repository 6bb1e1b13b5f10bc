// From runs to figures: medians, and ratios made round by round.
// Invariant: a ratio compares only runs of the same round, which stood next to each other in time, so
// that what else the machine did meanwhile weighs on both sides.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function ratio(runs, baseline, key) {
  const values = runs.map((run, round) => run[key] / baseline[round][key]);
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

// `runsByPeer` maps each peer's name to its runs, in the order of the rounds.
export function summarise(runsByPeer, figures, baselines) {
  const summary = {};
  for (const [name, runs] of Object.entries(runsByPeer)) {
    const medians = {};
    for (const { key } of figures) medians[key] = median(runs.map((run) => run[key]));
    const ratios = {};
    for (const baseline of baselines) {
      if (!runsByPeer[baseline]) continue;
      ratios[baseline] = ratio(runs, runsByPeer[baseline], figures[0].key);
    }
    summary[name] = { medians, ratios, runs };
  }
  return summary;
}
