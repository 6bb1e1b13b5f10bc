// The one option that every echo server in JavaScript takes: `--port N`, where 0 means any.
// Invariant: a server that was not told its port does not start, so that a mistyped option never
// measures some other process that happens to listen.

export function portFromArguments(words) {
  const port = Number(words[words.indexOf('--port') + 1]);
  if (!words.includes('--port') || !Number.isInteger(port)) throw new Error('--port N is needed');
  return port;
}
