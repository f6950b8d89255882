/**
 * `npm run docs`: writes the documents that are made of the program's tables, and the real output under each example of the
 * others. Blocks with `…` are left alone.
 */
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {rulesMarkdown} from '../../src/explain/lint/print.js';
import {consoleBlocks, documents, matches, sandbox} from './console.js';
import {generated} from './reference.js';

const root = process.cwd();
const made = generated();
for (const folder of ['docs/commands', 'docs/man']) {
  mkdirSync(join(root, folder), {recursive: true});
  for (const name of readdirSync(join(root, folder)))
    if (!made.has(`${folder}/${name}`)) rmSync(join(root, folder, name));
}
for (const [path, text] of made) {
  mkdirSync(dirname(join(root, path)), {recursive: true});
  writeFileSync(join(root, path), text);
}
const lint = join(root, 'docs/lint.md');
const text = readFileSync(lint, 'utf8');
writeFileSync(lint, text.slice(0, text.indexOf('### WL-')) + rulesMarkdown());
console.log(`${made.size} documents made`);
if (process.argv.includes('--made')) process.exit();

for (const file of documents()) {
  const path = join(root, file);
  const lines = readFileSync(path, 'utf8').split('\n');
  const edits: {at: number; remove: number; insert: string[]}[] = [];
  for (const block of consoleBlocks(lines)) {
    const box = sandbox();
    for (const {command, expected, at} of block) {
      const actual = box.run(command);
      if (matches(expected, actual)) continue;
      if (expected.includes('…')) console.log(`${file}:${at}: ${command}: differs, has …, edit by hand`);
      else edits.push({at, remove: expected.length, insert: actual});
    }
    box.remove();
  }
  for (const edit of edits.reverse()) lines.splice(edit.at, edit.remove, ...edit.insert);
  if (edits.length > 0) writeFileSync(path, lines.join('\n'));
  console.log(`${file}: ${edits.length} outputs changed`);
}
