// The table of one work, in Markdown that also reads well in a terminal.
// Invariant: one row per peer, the best (lowest) headline figure first.

const number = (value, digits) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const spread = (ratio) =>
  `${number(ratio.median, 2)} [${number(ratio.min, 2)}–${number(ratio.max, 2)}]`;

export function table(work) {
  const headline = work.figures[0].key;
  const names = Object.keys(work.peers).sort(
    (a, b) => work.peers[a].medians[headline] - work.peers[b].medians[headline],
  );
  const baselines = Object.keys(work.peers[names[0]].ratios);
  const [first, ...others] = work.figures;
  const cell = (peer, figure) => number(peer.medians[figure.key], figure.digits);
  const rows = [
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
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))),
  );
  const rule = widths.map((width, i) =>
    i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  lines.splice(1, 0, rule);
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
