// The parts of the library that a program loads when it first uses them: more than half of it, which importing it need not read.
//
// Only the bundles know of them. Where a module that is loaded at once imports from a deferred one, esbuild finds a
// stand-in: functions and classes of the same names. The first use of one loads the part and goes on there, with the function
// in its place, and behind a proxy that a class keeps. So a deferred module gives the others functions and classes alone, none of which they extend.

import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { WHOLE } from './entries.mjs';
import { root } from './setup.mjs';

const source = join(root, 'dist', 'src');

/** What the first use of them loads, by the file in dist/lib/main/ that has it. */
export const deferred = {
  duplexes: ['high/duplex'],
  executors: [
    'high/map_processes',
    'loop/executor',
    'loop/executor_call',
    'loop/executor_errors',
    'loop/process_pool_executor',
    'loop/thread_pool_executor',
  ],
  network: [
    'high/handing_over',
    'io/socket',
    'io/socket_call',
    'io/udp',
    'io/udp_socket',
    'io/watchers',
    'loop/datagrams',
    'loop/names',
    'loop/pipes',
    'loop/sendfile',
    'loop/socket_connecting',
    'loop/unix',
  ],
  processes: [
    'high/called_process_error',
    'high/communicate',
    'high/pipeline',
    'high/pipeline_process',
    'high/process',
    'high/process_ending',
    'high/run_process',
    'high/subprocess',
    'high/subprocess_protocol',
    'loop/subprocesses',
  ],
  streams: [
    'high/stream_protocol',
    'high/stream_reader',
    'high/stream_writer',
    'high/streams',
    'io/pipe',
    'io/resolver',
    'io/server',
    'io/signals',
    'io/stream_transport',
    'io/tls_options',
    'loop/connections',
    'loop/opening',
    'loop/serving',
    'loop/tls',
  ],
  threads: ['loop/attached_loop', 'loop/letters', 'loop/mailbox', 'loop/threadsafe_future'],
  tls: ['io/tls_object', 'io/tls_protocol', 'io/tls_transport'],
  views: ['core/call_graph', 'inspect/observer'],
  workers: [
    'high/serve',
    'high/serve_worker',
    'high/serving_thread',
    'high/supervisor',
    'high/worker_slot',
  ],
};

// Loaded at once since several parts need it.
const COMMON = 'common';
// What several of these parts need is in the base, which is loaded with each of them.
const BASE = 'streams';
const onBase = ['duplexes', 'network', 'processes', 'tls', 'views', 'workers'];

const listed = new Map(
  Object.entries(deferred).flatMap(([part, modules]) =>
    modules.map((module) => [join(source, `${module}.js`), part]),
  ),
);

/** The modules that a module imports. */
async function graphOf(entries) {
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
  const graph = new Map();
  for (const [path, { imports }] of Object.entries(metafile.inputs)) {
    const own = imports.filter(({ external }) => !external);
    graph.set(
      join(root, path),
      own.map((imported) => join(root, imported.path)),
    );
  }
  return graph;
}

/** The part that each module is in: null for those that are loaded at once, COMMON when it is for several parts that they are. */
function place(graph, entries) {
  const wanted = new Map();
  const visit = (file, part) => {
    if (wanted.get(file)?.has(null) || wanted.get(file)?.has(part)) return;
    wanted.set(file, (wanted.get(file) ?? new Set()).add(part));
    for (const imported of graph.get(file)) if (!listed.has(imported)) visit(imported, part);
  };
  for (const entry of entries) visit(entry, null);
  for (const [file, part] of listed) visit(file, part);
  const partOf = ([first, ...others]) => {
    if (others.length === 0) return first;
    const parts = [first, ...others];
    return parts.every((part) => part === BASE || onBase.includes(part)) ? BASE : COMMON;
  };
  return new Map([...wanted].map(([file, parts]) => [file, listed.get(file) ?? partOf(parts)]));
}

/** Whether what `importer` finds in the place of `file` is a stand-in. */
function isApart(places, importer, file) {
  const [from, to] = [places.get(importer), places.get(file)];
  return listed.has(file) && from !== to && !(to === BASE && onBase.includes(from));
}

/** What a deferred module exports that can have a stand-in; of anything else esbuild says that it is not exported. */
function exportsOf(text) {
  return [...text.matchAll(/^export (?:async )?(?:function\*?|class) (\w+)/gm)].map(
    ([, name]) => name,
  );
}

/** A class is there before those that extend it. */
async function checkUses(graph, places) {
  for (const [importer, files] of graph) {
    const apart = files.filter((file) => isApart(places, importer, file));
    if (apart.length === 0) continue;
    const texts = await Promise.all(apart.map((file) => readFile(file, 'utf8')));
    const names = new Set(texts.flatMap(exportsOf));
    for (const [use, name] of (await readFile(importer, 'utf8')).matchAll(/\bextends (\w+)/g)) {
      if (!names.has(name)) continue;
      console.error(`uvio: ${name} is deferred, and ${relative(source, importer)} has '${use}'`);
      process.exit(1);
    }
  }
}

/** The classes that a module exports. */
const classesOf = (text) => [...text.matchAll(/^export class (\w+)/gm)].map(([, name]) => name);

async function standIn(file) {
  const text = await readFile(file, 'utf8');
  const part = listed.get(file);
  const classes = classesOf(text);
  const functions = exportsOf(text).filter((name) => !classes.includes(name));
  const stands = [
    ...classes.map((name) => `export const ${name} = classOf('${name}', '${part}');`),
    // Named by the property, since the bundle may have to rename the variable.
    ...functions.map(
      (name) =>
        `export let { ${name} } = { ${name}: function (...given) { load(); return ${name}.apply(this, given); } };`,
    ),
  ];
  return `import { classOf, part } from 'uvio:parts';
    const load = () => { ({ ${functions.join(', ')} } = part('${part}')); };
    ${stands.join('\n')}`;
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
  };
  class Traps {
    constructor(name) {
      this.stand = { [name]: function () {} }[name];
      this.proxy = new Proxy(this.stand, this);
    }
  }
  for (const trap of Object.getOwnPropertyNames(Reflect)) {
    Traps.prototype[trap] = function (_, ...given) {
      if (this.real === undefined) part(this.part);
      return Reflect[trap](this.real, ...given);
    };
  }
  // By name; whichever comes first, the part that has the class or one that uses it, makes them.
  const all = {};
  const trapsOf = (name) => (all[name] ??= new Traps(name));
  // Whatever is done to it is done to the real class, of whose objects it is the constructor: a program knows no other.
  export const classOf = (name, itsPart) => Object.assign(trapsOf(name), { part: itsPart }).proxy;
  export const settle = (classes) => {
    for (const [name, real] of Object.entries(classes)) {
      const traps = Object.assign(trapsOf(name), { real });
      // A proxy may not tell anything else than what it is made for has, if that is unchangeable.
      Object.defineProperty(traps.stand, 'prototype', { value: real.prototype, writable: false });
      Object.defineProperty(real.prototype, 'constructor', { value: traps.proxy });
    }
  };`;

const exportAll = (file) => `export * from ${JSON.stringify(file)};`;
const importAll = (files) => files.map((file) => `import ${JSON.stringify(file)};`).join('\n');

/** By name, the modules that are made here. `library` is what everybody loads at once. */
async function madeModules(first, places) {
  const names = Object.keys(deferred);
  const unlisted = (part) =>
    importAll([...places.keys()].filter((file) => places.get(file) === part && !listed.has(file)));
  // The parts are files beside it, and not taken into it.
  const imports = names.map((name) => `import * as ${name} from './${name}.js';`);
  const made = {
    library: `${exportAll(first)}\n${unlisted(COMMON)}`,
    parts: PARTS,
    whole: `import { provide } from 'uvio:parts'; ${imports.join(' ')} export * from 'uvio:library'; provide({ ${names.join(', ')} });`,
  };
  for (const [name, modules] of Object.entries(deferred)) {
    const below = onBase.includes(name) ? BASE : 'library';
    const files = modules.map((module) => join(source, `${module}.js`));
    const lines = [`import 'uvio:${below}';`, ...files.map(exportAll), unlisted(name)];
    const all = [];
    for (const file of files) {
      const classes = classesOf(await readFile(file, 'utf8'));
      if (classes.length > 0) lines.push(`import { ${classes} } from ${JSON.stringify(file)};`);
      all.push(...classes);
    }
    made[name] = `${lines.join('\n')} import { settle } from 'uvio:parts'; settle({ ${all} });`;
  }
  return made;
}

/**
 * The plugin and the further entries for a bundle of `entries`, by their sources. Every entry imports the first, so that what
 * is loaded at once is one chunk and not one for each set of entries that share it.
 */
export async function deferring(entries) {
  const [first] = entries;
  const graph = await graphOf(entries);
  const places = place(graph, entries);
  await checkUses(graph, places);
  const made = await madeModules(first, places);
  const plugin = {
    name: 'deferring',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^uvio:/ }, ({ path }) => ({ path: path.slice(5), namespace: 'made' }));
      onResolve({ filter: /^\// }, ({ path, kind }) =>
        kind === 'entry-point' ? { path, namespace: 'entry' } : undefined,
      );
      onResolve({ filter: /^\./, namespace: 'made' }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /^\./, namespace: 'file' }, ({ importer, path, resolveDir }) => {
        const file = join(resolveDir, path);
        return isApart(places, importer, file) ? { path: file, namespace: 'stand-in' } : undefined;
      });
      const load = (namespace, contentsOf) =>
        onLoad({ filter: /./, namespace }, async ({ path }) => ({
          contents: await contentsOf(path),
          resolveDir: source,
        }));
      load('made', (name) => made[name]);
      load('entry', (file) =>
        file === first
          ? `export * from 'uvio:library';`
          : `import 'uvio:library'; ${exportAll(file)}`,
      );
      load('stand-in', standIn);
    },
  };
  const named = Object.keys(deferred).map((name) => [`main/${name}`, `uvio:${name}`]);
  return { plugin, entries: { ...Object.fromEntries(named), [WHOLE]: 'uvio:whole' } };
}
