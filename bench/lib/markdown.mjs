// Rows of cells as a Markdown table that also reads well in a terminal.
// Invariant: the first row is the heading; the first column stands left, all others right.

export const number = (value, digits) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

export const spread = (ratio) =>
  `${number(ratio.median, 2)} [${number(ratio.min, 2)}–${number(ratio.max, 2)}]`;

export function markdown(rows) {
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
