/**
 * What the documents say beside their code: links, figures, names.
 *
 * Guards: a link inside the repository leads to a file and a heading that are there; the figures are those of
 * bench/README.md; no document tells of the machine that it was written on.
 */

import { deepEqual, ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { documents, readDocument, root } from './documents.js';

const PEER = /^(?:libuv|uvio|node-net|uvloop|asyncio|bun|deno)\b/;
const NO_FIGURE = '–';
const LINK = /\]\(([^)\s]+)\)/g;

/** As GitHub makes them. */
function anchors(file: string): string[] {
  return readDocument(file)
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .map((line) => line.replace(/^#+\s*/, '').toLowerCase())
    .map((heading) => heading.replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-'));
}

function checkLink(file: string, link: string): void {
  const [path, anchor] = link.split('#') as [string, string?];
  const target = path === '' ? file : join(dirname(file), path);
  ok(existsSync(join(root, target)), `${file} links to ${link}, which is not there`);
  if (anchor !== undefined) {
    ok(anchors(target).includes(anchor), `${file} links to ${link}: no such heading`);
  }
}

/** The cells of every row of a table that has figures of a peer. */
function rows(file: string): string[][] {
  return readDocument(file)
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map((cells) => cells.slice(1, -1))
    .filter(([peer]) => peer !== undefined && PEER.test(peer));
}

describe('the documents', () => {
  for (const file of documents) {
    it(`has no dead link in ${file}`, () => {
      for (const [, link] of readDocument(file).matchAll(LINK)) {
        if (link !== undefined && !/^[a-z]+:/.test(link)) checkLink(file, link);
      }
    });

    it(`names no place of its author's machine in ${file}`, () => {
      const places = readDocument(file).match(/(?:\/home\/|\/work\/|\/root\/|\/Users\/)\S*/g);
      deepEqual(places ?? [], []);
    });
  }

  for (const file of ['README.md', 'docs/performance.md']) {
    it(`repeats in ${file} the figures of bench/README.md, and no others`, () => {
      const measured = rows('bench/README.md');
      const repeated = rows(file);
      ok(repeated.length > 0, `${file} has no figures`);
      for (const [peer, ...figures] of repeated) {
        const known = measured.filter(([name]) => name === peer).flat();
        const unknown = figures.filter((figure) => figure !== NO_FIGURE && !known.includes(figure));
        deepEqual(unknown, [], `bench/README.md does not say this of ${peer}`);
      }
    });
  }
});
