// The options of the servers in JavaScript: `--port N` of one that echoes, where 0 means any, `--listen N --to N` of a proxy.
// Invariant: a server that was not told its port does not start, so that a mistyped option never
// measures some other process that happens to listen.

export function portFromArguments(words, option = '--port') {
  const port = Number(words[words.indexOf(option) + 1]);
  if (!words.includes(option) || !Number.isInteger(port)) throw new Error(`${option} N is needed`);
  return port;
}
