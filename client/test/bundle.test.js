import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { files } from '../build.js';

for (const [file, text] of await files()) {
  // evidence: replica-exact | The site serves what `client/` is now | broken once: build.js: not run after a module was changed
  test(`${file.pathname.split('/').at(-1)}, as the site serves it, is made from what is here`, async () => {
    assert.ok((await readFile(file, 'utf8')) === text, `${file.pathname} is another: npm --prefix client run build`);
  });
}

test('the bundle keeps to its share of what the page may load', async () => {
  const [[, text]] = await files();
  assert.ok(gzipSync(text).length <= 13_000, `${gzipSync(text).length} bytes, gzipped`);
});
