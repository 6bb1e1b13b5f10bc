/**
 * Node's own `net.isIP`, asked for when it is first needed.
 *
 * Invariant: to import the library does not load node:net, which takes 2 ms and which few programs with uvio need.
 */

let ask: ((text: string) => number) | undefined;

/** 4 or 6 when `text` is a numeric address of that version, 0 when it is none. */
export function isIP(text: string): number {
  ask ??= process.getBuiltinModule('node:net').isIP;
  return ask(text);
}
