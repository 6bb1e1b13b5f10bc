/**
 * Every code block of the documents does what the document says.
 *
 * Programs end by themselves with exit code 0, and print the ```text block that follows them; shell
 * commands name what exists; any other language has to be listed here as one that nobody can run.
 */

import { equal, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { type Block, matchesOutput, readBlocks } from './blocks.js';
import { checkCommand } from './commands.js';
import { documents, root } from './documents.js';
import { PROGRAMS, Programs } from './programs.js';

const SHELL = 'sh';
/** Diagrams, layouts, messages, excerpts. */
const NOT_RUN = ['text', 'json', 'c', 'cpp', 'diff'];

const blocks = documents.flatMap((file) => readBlocks(join(root, file), file));

function isProgram(block: Block): boolean {
  return PROGRAMS.includes(block.language);
}

function title(block: Block): string {
  return `${block.file}:${block.line}, under '${block.heading}'`;
}

describe('the code in the documents', () => {
  let programs: Programs;
  let complaints: string;

  before(() => {
    programs = new Programs(blocks.filter(isProgram));
    complaints = programs.compile();
  });

  after(() => programs.remove());

  it('is all in languages that are checked, or known not to be', () => {
    const known = [...PROGRAMS, SHELL, ...NOT_RUN];
    for (const block of blocks) ok(known.includes(block.language), title(block));
  });

  it('compiles where it is TypeScript', () => {
    equal(complaints, '');
  });

  for (const block of blocks.filter(isProgram)) {
    it(`runs: ${title(block)}`, async () => {
      const { code, signal, output, errors } = await programs.run(block);
      equal(signal ?? code, 0, `it ended with ${signal ?? code}\n${output}${errors}`);
      if (block.output === null || matchesOutput(output, block.output)) return;
      equal(output, block.output);
    });
  }

  for (const block of blocks.filter((one) => one.language === SHELL)) {
    it(`names commands that exist: ${title(block)}`, () => {
      for (const line of block.source.split('\n')) {
        if (line.trim() !== '' && !line.startsWith('#')) checkCommand(line);
      }
    });
  }
});
