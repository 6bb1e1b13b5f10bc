// The order of the site, for typedoc: pages under their headings instead of their paths, public names by subject instead of kind.
//
// The tables are in contents.json beside this file; a name's subject is that of the source file which declares it. Invariant: every
// page and every public name is in one of the tables, or the site is not built.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  Application,
  Comment,
  CommentTag,
  Converter,
  ReflectionKind,
  RendererEvent,
} from 'typedoc';

const root = fileURLToPath(new URL('../../', import.meta.url));
const contents = JSON.parse(readFileSync(new URL('contents.json', import.meta.url), 'utf8'));
const REFERENCE = 'Reference';

/** The heading under which `entry` stands in one of the tables. */
function headingOf(table, entry) {
  const headings = Object.keys(contents[table]).filter((heading) =>
    contents[table][heading].includes(entry),
  );
  if (headings.length === 1) return headings[0];
  throw new Error(
    `${entry} stands ${headings.length} times in scripts/site/contents.json, under '${table}'`,
  );
}

function setCategory(reflection, category) {
  reflection.comment ??= new Comment();
  reflection.comment.blockTags.push(
    new CommentTag('@category', [{ kind: 'text', text: category }]),
  );
}

/** @param {Application} app */
export function load(app) {
  const pages = Object.values(contents.pages).flat();
  for (const page of readdirSync(`${root}docs`)) headingOf('pages', `docs/${page}`);
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    app.options.setValue(
      'projectDocuments',
      pages.map((page) => `${root}${page}`),
    );
    app.options.setValue('categoryOrder', [
      ...Object.keys(contents.pages),
      REFERENCE,
      ...Object.keys(contents.names),
    ]);
  });
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    page.frontmatter.category = headingOf('pages', `${page.name}.md`);
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      setCategory(module, REFERENCE);
      for (const name of module.children) {
        // Later it would have that of what it extends.
        if (name.kindOf(ReflectionKind.ClassOrInterface) && !name.hasComment())
          throw new Error(`${name.name} has no comment of its own`);
        const file = project.getSymbolIdFromReflection(name)?.packagePath;
        setCategory(name, headingOf('names', file.replace(/^src\/|\.ts$/g, '')));
      }
    }
  });
  // Not before: the addresses of the pages are made of the names that they have until here.
  app.renderer.on(RendererEvent.BEGIN, ({ project }) => {
    for (const page of project.documents) page.name = /^# (.*)/.exec(page.content[0].text)[1];
  });
}
