// `npm run docs`: the documentation as static pages, in build/site: the guide, and a reference of every public name.
//
// Fails when a public name has no doc comment, and when a page links to what is not there. typedoc has a folder of its own,
// scripts/site, since it needs a TypeScript that has an interface for JavaScript.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { installPackages, root, runOrExit } from './setup.mjs';

const folder = join(root, 'scripts', 'site');
const site = join(root, 'build', 'site');

function installTypedoc() {
  const wanted = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).devDependencies;
  const installed = Object.entries(wanted).every(([name, version]) => {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
  });
  if (!installed) runOrExit('npm', ['ci', '--no-audit', '--no-fund', '--prefix', folder]);
}

function pages(place) {
  return readdirSync(place).flatMap((name) => {
    const path = join(place, name);
    if (statSync(path).isDirectory()) return pages(path);
    return name.endsWith('.html') ? [path] : [];
  });
}

/** The links of a page that lead to no file of the site, or to no element of its page. */
function deadLinks(page, textOf) {
  const dead = [];
  for (const [, link] of textOf(page).matchAll(/\shref="([^"]*)"/g)) {
    if (/^[a-z]+:/.test(link)) continue;
    const [path, anchor] = link.split('#').map(decodeURIComponent);
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(target)) dead.push(link);
    else if (anchor && target.endsWith('.html') && !textOf(target).includes(`id="${anchor}"`))
      dead.push(link);
  }
  return dead;
}

installPackages();
installTypedoc();
const typedoc = join(folder, 'node_modules', 'typedoc', 'bin', 'typedoc');
const { status } = spawnSync(process.execPath, [typedoc, '--logLevel', 'Warn'], {
  cwd: folder,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

const texts = new Map();
function textOf(page) {
  if (!texts.has(page)) texts.set(page, readFileSync(page, 'utf8'));
  return texts.get(page);
}
let dead = 0;
const all = pages(site);
for (const page of all) {
  for (const link of deadLinks(page, textOf)) {
    console.error(`${relative(site, page)} links to ${link}, which is not there`);
    dead++;
  }
}
if (dead > 0) process.exit(1);
console.log(`${all.length} pages in ${relative(root, site)}, no dead link among them`);
