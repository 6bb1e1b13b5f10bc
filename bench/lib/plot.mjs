// The plot: one group of horizontal bars per work or operation, its headline figure as a ratio to the baseline.
// Invariant: plain SVG made of strings, no library, and legible on a light or a dark page because it
// brings its own background. The dashed line is the baseline; a shorter bar is better.

const WIDTH = 760;
const LEFT = 150;
const RIGHT = 70;
const ROW = 22;
const HEAD = 40;

// A work with operations is a group for each of them.
function groupsOf([name, work]) {
  const { operations, baseline } = work;
  if (operations === undefined) return [{ ...work, title: `${name}: ${work.figures[0].title}` }];
  return Object.values(operations).map(({ title, peers }) => ({
    title: `${name}: ${title}`,
    baseline,
    peers,
  }));
}

function group({ title, peers, baseline }, top) {
  const ratios = Object.entries(peers)
    .filter(([, peer]) => peer.ratios[baseline])
    .map(([peer, { ratios: all }]) => [peer, all[baseline].median])
    .sort(([, a], [, b]) => a - b);
  if (ratios.length === 0) return { svg: '', height: 0 };
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(1, ...ratios.map(([, value]) => value));
  const one = LEFT + scale;
  const end = top + HEAD + ratios.length * ROW;
  const bars = ratios.map(([peer, value], i) => {
    const y = top + HEAD + i * ROW;
    const color = peer.startsWith('uvio') ? '#0a7d4f' : '#9aa5b1';
    return `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${peer}</text>
<rect x="${LEFT}" y="${y + 2}" width="${(value * scale).toFixed(1)}" height="${ROW - 6}" fill="${color}"/>
<text x="${(LEFT + value * scale + 6).toFixed(1)}" y="${y + 14}">${value.toFixed(2)}</text>`;
  });
  const svg = `<text x="12" y="${top + 26}" font-weight="bold">${title}, × ${baseline}</text>
${bars.join('\n')}
<line x1="${one.toFixed(1)}" x2="${one.toFixed(1)}" y1="${top + HEAD - 4}" y2="${end}" stroke="#333" stroke-dasharray="4 3"/>`;
  return { svg, height: end - top + 8 };
}

export function plot(works) {
  const groups = [];
  let top = 0;
  for (const compared of Object.entries(works).flatMap(groupsOf)) {
    const { svg, height } = group(compared, top);
    groups.push(svg);
    top += height;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" font-family="sans-serif" font-size="13" fill="#1f2933">
<rect width="${WIDTH}" height="${top}" fill="#ffffff"/>
${groups.join('\n')}
</svg>
`;
}
