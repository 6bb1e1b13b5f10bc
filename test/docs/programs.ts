/**
 * The JavaScript, TypeScript and Python blocks of the documents as programs.
 *
 * They are written to a folder inside dist/, where `import … from 'uvio'` finds this very package, and
 * run as processes of their own, which must end by themselves. TypeScript is compiled, and its types
 * checked, in one go. The folder goes when the tests are over.
 */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnvironment } from '../support.js';
import type { Block } from './blocks.js';
import { root } from './documents.js';

const LIMIT = 20_000;
const TYPESCRIPT = 'ts';
const PYTHON = 'python';
/** Languages whose blocks are programs. */
export const PROGRAMS: readonly string[] = ['js', 'mjs', TYPESCRIPT, PYTHON];
/** What a block is written to, where that is not a JavaScript module. */
const EXTENSIONS: Readonly<Record<string, string>> = { [TYPESCRIPT]: 'mts', [PYTHON]: 'py' };

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  errors: string;
}

function nameOf(block: Block): string {
  return `${block.file.replace(/\W+/g, '-')}-${block.line}`;
}

/** The folder of all programs. */
export class Programs {
  readonly #folder: string;
  readonly #hasTypeScript: boolean;

  constructor(blocks: readonly Block[]) {
    mkdirSync(join(root, 'dist'), { recursive: true });
    this.#folder = mkdtempSync(join(root, 'dist', 'docs-programs-'));
    this.#hasTypeScript = blocks.some((block) => block.language === TYPESCRIPT);
    for (const block of blocks) {
      const extension = EXTENSIONS[block.language] ?? 'mjs';
      writeFileSync(join(this.#folder, `${nameOf(block)}.${extension}`), block.source);
    }
  }

  /** Compiles what is TypeScript; the compiler's complaints, '' if there are none. */
  compile(): string {
    if (!this.#hasTypeScript) return '';
    const options = { rootDir: '.', outDir: '.', noEmit: false, declaration: false };
    const configuration = {
      extends: '../../tsconfig.json',
      compilerOptions: {
        ...options,
        paths: {},
        sourceMap: false,
        incremental: false,
        tsBuildInfoFile: null,
      },
      include: ['*.mts'],
      exclude: [],
    };
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(configuration));
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const result = spawnSync(process.execPath, [compiler, '-p', this.#folder], {
      encoding: 'utf8',
      env: toolEnvironment(),
      timeout: LIMIT,
    });
    return result.status === 0 ? '' : `${result.stdout}${result.stderr}`;
  }

  /** Runs a block, and interrupts it where it wants to be. */
  async run(block: Block): Promise<Ending> {
    const path = join(this.#folder, nameOf(block));
    const [program, args] =
      block.language === PYTHON
        ? ['python3', ['-B', `${path}.py`]]
        : [process.execPath, [`${path}.mjs`]];
    const child = spawn(program, args, {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    });
    let output = '';
    let errors = '';
    let interruptAfter = block.interruptAfter;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (interruptAfter !== null && output.includes(interruptAfter)) {
        interruptAfter = null;
        child.kill('SIGINT');
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const [code, signal] = await once(child, 'close');
    return { code, signal, output, errors };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
