import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {consoleBlocks, documents, matches, root, sandbox} from './console.js';

describe('examples in the documentation', () => {
  for (const file of documents()) {
    const blocks = consoleBlocks(readFileSync(join(root, file), 'utf8').split('\n'));
    for (const [n, block] of blocks.entries())
      it(`${file}, block ${n + 1}: ${block[0]?.command}`, () => {
        const box = sandbox();
        try {
          for (const example of block) {
            const actual = box.run(example.command);
            if (!matches(example.expected, actual))
              expect(actual.join('\n'), example.command).toBe(example.expected.join('\n'));
          }
        } finally {
          box.remove();
        }
      });
  }

  it('finds examples', () => {
    const counts = documents().map(
      (file) => consoleBlocks(readFileSync(join(root, file), 'utf8').split('\n')).flat().length,
    );
    expect(counts.reduce((a, b) => a + b, 0)).toBeGreaterThan(20);
  });
});
