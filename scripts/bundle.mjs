// `npm pack` runs it before it packs: bundles dist/src/ into the few files of dist/lib/ that the package has.
//
// More than a hundred modules take Node 100 ms to load, a few take 13. The entries share their chunks, so there
// is one instance of the library whatever is imported. Node's modules are taken by process.getBuiltinModule(): an
// import of them copies all that they export, which loads parts of Node that nobody asked for.

import { readFileSync, rmSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { deferring } from './deferred.mjs';
import { apart, library, shared, writeRequirable } from './entries.mjs';
import { root, setUp } from './setup.mjs';

// These are installed beside it, and loaded when they are needed.
const dependencies = Object.keys(
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies,
);
const BUILTIN_IMPORT =
  /^import\s+(?:(?:\* as )?(\w+)\s*,?\s*)?(?:\{([^}]*)\}\s*)?from '(node:[\w/]+)';/gm;

const NAMESPACE_IMPORT = /^import \* as (\w+) from '(node:[\w/]+)';/gm;

/**
 * `import tls, { connect as c } from 'node:tls'` as a statement that asks Node for no more than that, and what is used of
 * `import * as workerThreads` as an expression that asks when it is needed.
 */
function takeBuiltins(code) {
  const namespaces = [...code.matchAll(NAMESPACE_IMPORT)];
  const used = namespaces.reduce(
    (text, [, name, id]) =>
      text.replaceAll(
        new RegExp(`(?<![\\w.])${name}(?=[.;])`, 'g'),
        `(process.getBuiltinModule('${id}'))`,
      ),
    code.replaceAll(NAMESPACE_IMPORT, ''),
  );
  return used.replace(BUILTIN_IMPORT, (_, whole, names, id) => {
    const taken = `process.getBuiltinModule('${id}')`;
    const statements = [];
    if (whole !== undefined) statements.push(`const ${whole} = ${taken};`);
    if (names !== undefined) {
      statements.push(`const {${names.replaceAll(/(\w+)\s+as\s+(\w+)/g, '$1: $2')}} = ${taken};`);
    }
    return statements.join(' ');
  });
}

/**
 * A class that mentions itself is written `X = class _X`, and so calls itself: errors would show it. Of the same
 * length, for the source maps.
 */
function keepClassNames(code) {
  const names = [...code.matchAll(/\b(\w+)=class _\1\b/g)].map(([, name]) => name);
  return names.reduce(
    (text, name) => text.replaceAll(new RegExp(`(?<![\\w.#])_${name}\\b`, 'g'), ` ${name}`),
    code,
  );
}

const builtins = {
  name: 'builtins',
  setup({ onLoad }) {
    onLoad({ filter: /\/dist\/src\/.*\.js$/ }, async ({ path }) => ({
      contents: takeBuiltins(await readFile(path, 'utf8')),
      loader: 'js',
    }));
  },
};

/** The sources of a map, of which those of deferred.mjs lie nowhere. */
function nameSources(text) {
  const map = JSON.parse(text);
  map.sources = map.sources.map((source) => (/^[\w-]+:/.test(source) ? null : source));
  return JSON.stringify(map);
}

/** Fewer files are faster to load, so what shares nothing has no chunks. */
async function bundle(entries, splitting) {
  const sources = Object.fromEntries(
    Object.entries(entries).map(([entry, source]) => [entry, join(root, 'dist', 'src', source)]),
  );
  const parts = splitting ? await deferring(Object.values(sources)) : null;
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { ...sources, ...parts?.entries },
    outdir: library,
    chunkNames: 'main/[name]-[hash]',
    bundle: true,
    splitting,
    format: 'esm',
    platform: 'node',
    external: dependencies,
    target: 'node20.19',
    // A third less to parse. Names are kept: stacks and reprs show them.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    write: false,
    logLevel: 'warning',
    plugins: parts === null ? [builtins] : [parts.plugin, builtins],
  });
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, path.endsWith('.js') ? keepClassNames(text) : nameSources(text));
  }
  // What the statement above missed would be loaded all the same, only slowly.
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
  const left = imported
    .filter(({ external, path }) => external && !/^\.\//.test(path) && !dependencies.includes(path))
    .map(({ path }) => path);
  if (left.length > 0) {
    console.error(`uvio: the bundle still imports ${[...new Set(left)].join(', ')}`);
    process.exit(1);
  }
}

/**
 * Copies the declarations to dist/lib/types/, as CommonJS: an ES module may import from such a file whatever
 * `moduleResolution` is, but under node16 not the other way round.
 */
async function copyDeclarations() {
  const folder = join(library, 'types');
  await cp(join(root, 'dist', 'src'), folder, {
    recursive: true,
    filter: (file) => !/\.(js|map)$/.test(file),
  });
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
}

setUp();
rmSync(library, { recursive: true, force: true });
await bundle(shared, true);
await bundle(apart, false);
await chmod(join(library, 'inspect', 'cli.js'), 0o755);
await copyDeclarations();
writeRequirable('lib/types');
