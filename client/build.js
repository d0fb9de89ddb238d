// Makes the files that the site serves from the modules and types here.
import { build } from 'esbuild';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const STATIC = new URL('../pbp-undertow/src/main/resources/dev/pbp/web/static/', import.meta.url);
/** The modules that a page loads, and what each is made from. */
const BUNDLES = [
  ['pbp.js', 'client/src', 'src/pbp.js', ' Types: pbp.d.ts.'],
  ['pbp-views.js', 'client/src', 'src/pbp-views.js', ' pbp.js loads it where there are views.'],
  ['page.js', 'client/page', 'page/page.js', ''],
  ['table.js', 'client/page', 'page/table.js', ''],
];

/** The client is a file of its own, which other pages import too, and so is what it loads itself when that is needed. */
const client = {
  name: 'client',
  setup({ onResolve }) {
    onResolve({ filter: /\/pbp(-views)?\.js$/ }, ({ kind, path }) =>
      kind === 'entry-point' ? null : { path: `./${path.split('/').at(-1)}`, external: true },
    );
  },
};

/** @param {string[]} bundle */
async function bundled([, folder, entry, more]) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    banner: { js: `// Made from ${folder} by client/build.js; not to be edited.${more}` },
    bundle: true,
    charset: 'utf8',
    format: 'esm',
    lineLimit: 120,
    minify: true,
    plugins: [client],
    target: 'es2022',
    write: false,
  });
  return outputFiles[0].text;
}

/** The files, as they should be: the text of each by its URL. */
export async function files() {
  const texts = new Map();
  for (const bundle of BUNDLES) texts.set(new URL(bundle[0], STATIC), await bundled(bundle));
  texts.set(new URL('pbp.d.ts', STATIC), await readFile(new URL('types/pbp.d.ts', import.meta.url), 'utf8'));
  return texts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of await files()) await writeFile(file, text);
}
