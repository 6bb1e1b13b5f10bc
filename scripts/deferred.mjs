// The parts of the library that a program loads when it first uses them: a third of it, which importing it need not read.
//
// Only the bundles know of them. Where a module that is loaded at once imports from a deferred one, esbuild finds a
// stand-in: functions of the same names, the first call of which loads the part, puts the real ones in their place and goes on
// there. So a deferred module gives the others functions and classes alone, which they call, and neither extend nor test for.

import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { WHOLE } from './entries.mjs';
import { root } from './setup.mjs';

const source = join(root, 'dist', 'src');

/** By the file in dist/lib/main/ that has them. */
export const deferred = {
  duplexes: ['high/duplex'],
  network: [
    'high/handing_over',
    'io/resolver',
    'io/udp',
    'loop/connections',
    'loop/datagrams',
    'loop/names',
    'loop/pipes',
    'loop/sendfile',
    'loop/serving',
    'loop/socket_connecting',
    'loop/unix',
  ],
  processes: [
    'high/communicate',
    'high/process_ending',
    'high/subprocess_protocol',
    'loop/subprocesses',
  ],
  threads: ['loop/mailbox'],
  tls: ['io/tls_options', 'io/tls_protocol', 'loop/tls'],
  views: ['core/call_graph', 'inspect/observer'],
  workers: ['high/serve', 'high/serving_thread', 'high/worker_slot'],
};

const parts = new Map(
  Object.entries(deferred).flatMap(([part, modules]) =>
    modules.map((module) => [join(source, `${module}.js`), part]),
  ),
);

/** The modules that the entries load without any part. */
async function loadedAtOnce(entries) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: join(root, 'build'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const found = new Set();
  const visit = (path) => {
    const file = join(root, path);
    if (found.has(file) || parts.has(file)) return;
    found.add(file);
    for (const { path: imported, external } of metafile.inputs[path].imports) {
      if (!external) visit(imported);
    }
  };
  for (const entry of entries) visit(relative(root, entry));
  return found;
}

/** What a deferred module exports that can have a stand-in; of anything else esbuild says that it is not exported. */
function exportsOf(text) {
  return [...text.matchAll(/^export (?:async )?(?:function\*?|class) (\w+)/gm)].map(
    ([, name]) => name,
  );
}

/** A stand-in is neither a class to extend nor one that objects are instances of. */
async function checkUses(modules) {
  const names = new Set();
  for (const file of parts.keys()) {
    for (const name of exportsOf(await readFile(file, 'utf8'))) names.add(name);
  }
  for (const file of modules) {
    for (const [use, name] of (await readFile(file, 'utf8')).matchAll(
      /\b(?:instanceof|extends) (\w+)/g,
    )) {
      if (!names.has(name)) continue;
      console.error(`uvio: ${name} is deferred, and ${relative(source, file)} has '${use}'`);
      process.exit(1);
    }
  }
}

async function standIn(file) {
  const names = exportsOf(await readFile(file, 'utf8'));
  const functions = names.map(
    // Named by the property, since the bundle may have to rename the variable.
    (name) => `export let { ${name} } = { ${name}: function (...given) {
      load();
      return new.target === undefined ? ${name}.apply(this, given) : new ${name}(...given);
    } };`,
  );
  return `import { part } from 'uvio:parts';
    const load = () => { ({ ${names.join(', ')} } = part('${parts.get(file)}')); };
    ${functions.join('\n')}`;
}

// A part is a file beside this one, but in a bundle of somebody's.
const PARTS = `
  const loaded = {};
  export const provide = (parts) => { Object.assign(loaded, parts); };
  export const part = (name) => {
    if (loaded[name] !== undefined) return loaded[name];
    try {
      const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);
      return (loaded[name] = require(\`./\${name}.js\`));
    } catch (cause) {
      // The system's, as EMFILE: the next use tries again.
      if (cause?.syscall !== undefined) throw cause;
      throw new Error(
        \`uvio's part '\${name}' cannot be loaded; a bundle has all of them when it imports 'uvio/whole'\`,
        { cause },
      );
    }
  };`;

const exportAll = (file) => `export * from ${JSON.stringify(file)};`;

/** By name, the modules that are made here. `first` is what everybody loads at once. */
function madeModules(first) {
  const names = Object.keys(deferred);
  const imports = names.map((name) => `import * as ${name} from 'uvio:${name}';`);
  const made = {
    parts: PARTS,
    whole: `import { provide } from 'uvio:parts'; ${imports.join(' ')} ${exportAll(first)} provide({ ${names.join(', ')} });`,
  };
  for (const [name, modules] of Object.entries(deferred)) {
    const files = modules.map((module) => join(source, `${module}.js`));
    made[name] = [`import '${first}';`, ...files.map(exportAll)].join('\n');
  }
  return made;
}

/**
 * The plugin and the further entries for a bundle of `entries`, by their sources. Every entry imports the first, so that what
 * is loaded at once is one chunk and not one for each set of entries that share it.
 */
export async function deferring(entries) {
  const [first] = entries;
  const atOnce = await loadedAtOnce(entries);
  await checkUses(atOnce);
  const made = madeModules(first);
  const plugin = {
    name: 'deferring',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^uvio:/ }, ({ path }) => ({ path: path.slice(5), namespace: 'made' }));
      onResolve({ filter: /^\// }, ({ path, kind }) =>
        kind === 'entry-point' && path !== first ? { path, namespace: 'entry' } : undefined,
      );
      onResolve({ filter: /^\./ }, ({ importer, path, resolveDir }) => {
        const file = join(resolveDir, path);
        if (!atOnce.has(importer) || !parts.has(file)) return undefined;
        return { path: file, namespace: 'stand-in' };
      });
      const load = (namespace, contentsOf) =>
        onLoad({ filter: /./, namespace }, async ({ path }) => ({
          contents: await contentsOf(path),
          resolveDir: source,
        }));
      load('made', (name) => made[name]);
      load('entry', (file) => `import '${first}'; ${exportAll(file)}`);
      load('stand-in', standIn);
    },
  };
  const named = Object.keys(deferred).map((name) => [`main/${name}`, `uvio:${name}`]);
  return { plugin, entries: { ...Object.fromEntries(named), [WHOLE]: 'uvio:whole' } };
}
