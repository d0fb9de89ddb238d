// Makes the files that the site serves from the modules and types here.
import { build } from 'esbuild';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const STATIC = new URL('../pbp-undertow/src/main/resources/dev/pbp/web/static/', import.meta.url);

/** The files, as they should be: the text of each by its URL. */
export async function files() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('src/pbp.js', import.meta.url))],
    banner: { js: '// Made from client/src by client/build.js; not to be edited. Types: pbp.d.ts.' },
    bundle: true,
    charset: 'utf8',
    format: 'esm',
    lineLimit: 120,
    minify: true,
    target: 'es2022',
    write: false,
  });
  const types = await readFile(new URL('types/pbp.d.ts', import.meta.url), 'utf8');
  return new Map([
    [new URL('pbp.js', STATIC), outputFiles[0].text],
    [new URL('pbp.d.ts', STATIC), types],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of await files()) await writeFile(file, text);
}
