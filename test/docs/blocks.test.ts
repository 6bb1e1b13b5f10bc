/**
 * The reader of the documents' code blocks: what it finds, and what it refuses.
 *
 * A reader that overlooks blocks would make every other test of the documents pass.
 */

import { deepEqual, equal, throws } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Block, matchesOutput, readBlocks } from './blocks.js';

describe('reading code blocks', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'uvio-docs-'));
  });

  after(() => rmSync(folder, { recursive: true }));

  function read(...lines: string[]): Block[] {
    const path = join(folder, 'page.md');
    writeFileSync(path, lines.join('\n'));
    return readBlocks(path, 'page.md');
  }

  it('gives each block with its place, and the output that follows it', () => {
    const blocks = read('## One', '```js', 'f();', '```', '', '```text', '1', '2', '```');
    deepEqual(blocks, [
      {
        file: 'page.md',
        line: 2,
        heading: 'One',
        language: 'js',
        source: 'f();\n',
        output: '1\n2\n',
        interruptAfter: null,
      },
    ]);
  });

  it('takes a text block behind words for a block of its own', () => {
    const blocks = read('```js', 'f();', '```', 'words', '```text', '1', '```');
    deepEqual(
      blocks.map(({ language, output }) => [language, output]),
      [
        ['js', null],
        ['text', null],
      ],
    );
  });

  it('hears of an interrupt right before a block, and of no other instruction', () => {
    equal(read('<!-- test: interrupt after "up" -->', '```js', '```')[0]?.interruptAfter, 'up');
    equal(
      read('<!-- test: interrupt after "up" -->', 'words', '```js', '```')[0]?.interruptAfter,
      null,
    );
    throws(() => read('<!-- test: skip -->', '```js', '```'), /unknown instruction 'skip'/);
  });

  it('refuses a block that is never closed', () => {
    throws(() => read('```js', 'f();'), /page.md:1: this code block is never closed/);
  });

  it('lets an ellipsis stand for anything within a line, and for nothing more', () => {
    equal(matchesOutput('port 80 (a)\n', 'port … (a)\n'), true);
    equal(matchesOutput('port 80\n(a)\n', 'port … (a)\n'), false);
    equal(matchesOutput('port 80\nmore\n', 'port …\n'), false);
    equal(matchesOutput('aXb\n', 'a.b\n'), false);
  });
});
