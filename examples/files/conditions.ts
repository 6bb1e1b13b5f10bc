/*
 * What a request asks of a file besides its name (RFC 9110): whether it has changed, and which part of it.
 * Headers that cannot be understood are as good as none.
 */

import type { IncomingHttpHeaders } from 'node:http';

/** What identifies a state of a file. */
export interface Version {
  etag: string;
  lastModified: Date;
}

/** Bytes `start` to `end`, both included. */
export interface Range {
  start: number;
  end: number;
}

/** Whether the client has this version already. */
export function isUnchanged(headers: IncomingHttpHeaders, version: Version): boolean {
  const known = headers['if-none-match'];
  if (known !== undefined) return known.trim() === '*' || tags(known).includes(version.etag);
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && seconds(version.lastModified) <= since;
}

/** The part that is wanted of `size` bytes: null for all of it, 'none' when there is no such part. */
export function wantedRange(
  headers: IncomingHttpHeaders,
  version: Version,
  size: number,
): Range | null | 'none' {
  // Of several ranges all is a proper answer.
  const match = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '');
  if (match === null || !appliesTo(headers, version)) return null;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? null : suffix(Number(last), size);
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return null;
  return start < size ? { start, end } : 'none';
}

function suffix(length: number, size: number): Range | 'none' {
  if (length === 0 || size === 0) return 'none';
  return { start: Math.max(0, size - length), end: size - 1 };
}

/** If-Range: a part of another version would be of no use. */
function appliesTo(headers: IncomingHttpHeaders, version: Version): boolean {
  const condition = headers['if-range'];
  if (typeof condition !== 'string') return true;
  if (condition.includes('"')) return condition === version.etag;
  return Date.parse(condition) === seconds(version.lastModified);
}

/** A list of entity tags; what is weak counts as well. */
function tags(list: string): string[] {
  return [...list.matchAll(/"[^"]*"/g)].map(([tag]) => tag);
}

/** HTTP's dates know no parts of a second. */
function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}
