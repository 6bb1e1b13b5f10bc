// The table of a work with operations: one row for each, and for each peer its figure and its ratio.
// Invariant: a cell without a figure is empty; the baseline has no column of ratios.
import { markdown, number, spread } from './markdown.mjs';

export function grid(work, peerNames) {
  const { baseline } = work;
  const columns = peerNames.flatMap((name) => {
    const figure = { name, title: name, ratio: false };
    const compared = name !== baseline && peerNames.includes(baseline);
    return compared ? [figure, { name, title: `× ${baseline}`, ratio: true }] : [figure];
  });
  const cell = (operation, { name, ratio }) => {
    const peer = operation.peers[name];
    if (peer === undefined) return '';
    if (!ratio) return number(peer.medians[operation.key], operation.digits);
    return peer.ratios[baseline] ? spread(peer.ratios[baseline]) : '';
  };
  return markdown([
    [work.unit, ...columns.map(({ title }) => title)],
    ...Object.values(work.operations).map((operation) => [
      operation.title,
      ...columns.map((column) => cell(operation, column)),
    ]),
  ]);
}
