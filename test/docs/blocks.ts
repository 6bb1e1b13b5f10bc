/**
 * The fenced code blocks of a Markdown file, with what a test has to know of them.
 *
 * A ```text block right after another block is what that block prints. A comment right before a block,
 * `<!-- test: interrupt after "…" -->`, is the one instruction there is: the program is sent SIGINT
 * when it has printed that text. A fence that is never closed is an error.
 */

import { readFileSync } from 'node:fs';

export interface Block {
  file: string;
  /** Of the opening fence, from 1. */
  line: number;
  /** The heading above it. */
  heading: string;
  language: string;
  source: string;
  /** What it prints, if the document says so. */
  output: string | null;
  /** Send SIGINT once this was printed. */
  interruptAfter: string | null;
}

const FENCE = /^```(\S*)\s*$/;
const INSTRUCTION = /^<!-- test: (.*) -->$/;
const INTERRUPT = /^interrupt after "(.+)"$/;

function readInterrupt(line: string, place: string): string | null {
  const instruction = INSTRUCTION.exec(line)?.[1];
  if (instruction === undefined) return null;
  const interrupt = INTERRUPT.exec(instruction)?.[1];
  if (interrupt === undefined) throw new Error(`${place}: unknown instruction '${instruction}'`);
  return interrupt;
}

/** Reads `path`; blocks are named by `file`. */
export function readBlocks(path: string, file: string): Block[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  const blocks: Block[] = [];
  let heading = '';
  // The last line that was neither blank nor part of a block, or the block itself.
  let before: string | Block = '';
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    const language = FENCE.exec(line)?.[1];
    if (language === undefined) {
      if (line.startsWith('#')) heading = line.replace(/^#+\s*/, '');
      if (line.trim() !== '') before = line;
      continue;
    }
    const end = lines.indexOf('```', index + 1);
    if (end < 0) throw new Error(`${file}:${index + 1}: this code block is never closed`);
    const source = `${lines.slice(index + 1, end).join('\n')}\n`;
    if (language === 'text' && typeof before === 'object' && before.output === null) {
      before.output = source;
      before = '';
    } else {
      const place = `${file}:${index + 1}`;
      const interruptAfter = typeof before === 'string' ? readInterrupt(before, place) : null;
      const block: Block = {
        file,
        line: index + 1,
        heading,
        language,
        source,
        output: null,
        interruptAfter,
      };
      blocks.push(block);
      before = block;
    }
    index = end;
  }
  return blocks;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Whether `actual` is `expected`, in which '…' stands for anything within a line. */
export function matchesOutput(actual: string, expected: string): boolean {
  const pattern = expected.split('…').map(escapeRegExp).join('[^\\n]*');
  return new RegExp(`^${pattern}$`).test(actual);
}
