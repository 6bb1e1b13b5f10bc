/**
 * The shell commands that the documents tell people to type.
 *
 * They are not run, since they build, install or serve; each must be of a kind listed here, and what it
 * names (a script of package.json, a file, an option of the demonstration) must exist.
 */

import { equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readDocument, root } from './documents.js';

const { scripts } = JSON.parse(readDocument('package.json')) as { scripts: Record<string, string> };
const FILE = /^[\w./-]+\.(?:mjs|js|json)$/;

/** What `npm start -- --help` says. */
function demoHelp(): string {
  const demo = join(root, 'dist', 'examples', 'demo.js');
  const result = spawnSync(process.execPath, [demo, '--help'], { encoding: 'utf8' });
  equal(result.status, 0, result.stderr);
  return result.stdout;
}

function checkScript(name: string, rest: string): void {
  ok(name in scripts, `package.json has no script '${name}'`);
  const file = scripts[name]?.split(' ').find((word) => FILE.test(word));
  if (file !== undefined) checkFile(file);
  if (scripts[name]?.startsWith('cmake-js ')) checkFile('CMakeLists.txt');
  if (name !== 'start' || rest === '') return;
  const help = demoHelp();
  for (const word of rest.split(' ').filter((one) => /^[a-z-]/.test(one) && one !== '--')) {
    ok(help.includes(word), `the help of the demonstration does not mention '${word}'`);
  }
}

function checkUvio(command: string): void {
  const cli = join(root, 'dist', 'src', 'inspect', 'cli.js');
  const { stdout } = spawnSync(process.execPath, [cli, '--help'], { encoding: 'utf8' });
  ok(stdout.includes(`uvio ${command} PID`), `the help of uvio does not mention '${command}'`);
}

function checkFile(file: string): void {
  ok(existsSync(join(root, file)), `there is no file ${file}`);
}

interface Kind {
  pattern: RegExp;
  check: (first: string, second: string) => void;
}

const KINDS: readonly Kind[] = [
  { pattern: /^npm (start|test)( .*)?$/, check: checkScript },
  { pattern: /^npm run (\S+)( .*)?$/, check: checkScript },
  { pattern: /^npm ci( --prefix (\S+))?$/, check: (_, folder) => checkFile(folder || '.') },
  { pattern: /^npx mocha '([^'*]*)[^']*'( .*)?$/, check: checkFile },
  { pattern: /^node (\S+)( .*)?$/, check: checkFile },
  { pattern: /^redis-cli( .*)?$/, check: () => {} },
  { pattern: /^UVIO_INSPECT=1 node \S+$/, check: () => {} },
  { pattern: /^npx uvio (\S+) \d+$/, check: checkUvio },
];

/** @throws AssertionError for a command of no known kind, or one that names what is not there */
export function checkCommand(line: string): void {
  const command = line.replace(/\s+#.*$/, '').trim();
  for (const { pattern, check } of KINDS) {
    const match = pattern.exec(command);
    if (match === null) continue;
    check(match[1] ?? '', (match[2] ?? '').trim());
    return;
  }
  ok(false, `the tests know no command like '${command}'`);
}
