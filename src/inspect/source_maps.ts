/**
 * From a place in compiled code to the one in its source: source maps, read from files when a stack needs them.
 *
 * Node maps the stacks of the thread that has loaded the code; a stack that comes from another thread is mapped here, by
 * Node's own SourceMap. Nothing here throws: without a readable map the place stays what it is.
 */

import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** Lines and columns begin at 1. */
export interface Place {
  fileName: string;
  lineNumber: number;
  columnNumber: number;
}

const maps = new Map<string, SourceMap | null>();

/** The place that `compiled` comes from; `mapURL` is where its map is, relative to its file. */
export function originalPlace(compiled: Place, mapURL: string): Place {
  try {
    const url = new URL(mapURL, compiled.fileName);
    const entry = mapAt(url)?.findEntry(compiled.lineNumber - 1, compiled.columnNumber - 1);
    if (entry === undefined || !('originalSource' in entry)) return compiled;
    return {
      fileName: new URL(entry.originalSource, url.protocol === 'data:' ? compiled.fileName : url)
        .href,
      lineNumber: entry.originalLine + 1,
      columnNumber: entry.originalColumn + 1,
    };
  } catch {
    return compiled;
  }
}

function mapAt(url: URL): SourceMap | null {
  let map = maps.get(url.href);
  if (map === undefined) {
    map = readMap(url);
    maps.set(url.href, map);
  }
  return map;
}

function readMap(url: URL): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(textOf(url)));
  } catch {
    return null;
  }
}

function textOf(url: URL): string {
  if (url.protocol !== 'data:') return readFileSync(url, 'utf8');
  const [head = '', body = ''] = url.href.split(/,(.*)/s);
  const encoding = head.endsWith(';base64') ? 'base64' : 'utf8';
  return Buffer.from(encoding === 'utf8' ? decodeURIComponent(body) : body, encoding).toString();
}
