// The table of a work that compares the peers by one headline figure.
// Invariant: one row per peer, the best (lowest) headline figure first.
import { markdown, number, spread } from './markdown.mjs';

export function table(work) {
  const headline = work.figures[0].key;
  const names = Object.keys(work.peers).sort(
    (a, b) => work.peers[a].medians[headline] - work.peers[b].medians[headline],
  );
  const baselines = Object.keys(work.peers[names[0]].ratios);
  const [first, ...others] = work.figures;
  const cell = (peer, figure) => number(peer.medians[figure.key], figure.digits);
  return markdown([
    ['peer', first.title, ...baselines.map((name) => `× ${name}`), ...others.map((f) => f.title)],
    ...names.map((name) => {
      const peer = work.peers[name];
      return [
        name,
        cell(peer, first),
        ...baselines.map((baseline) => spread(peer.ratios[baseline])),
        ...others.map((figure) => cell(peer, figure)),
      ];
    }),
  ]);
}
