/** `npm run docs`: writes the real output under each example of the documents. Blocks with `…` are left alone. */
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {consoleBlocks, documents, matches, sandbox} from './console.js';

const root = process.cwd();
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
