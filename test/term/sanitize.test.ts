import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {isSafe, sanitize, sanitizeBlock} from '../../src/term/sanitize.js';

describe('sanitize', () => {
  it.each([
    ['plain text, ünïcode, 漢字, 😀', 'plain text, ünïcode, 漢字, 😀'],
    ['\x1b[2J\x1b]0;title\x07', '\\x1b[2J\\x1b]0;title\\x07'],
    ['a\tb\nc\rd', 'a\\x09b\\x0ac\\x0dd'],
    ['\x7f\x80\x9b31m', '\\x7f\\x80\\x9b31m'],
    ['admin\u202enimda', 'admin\\u{202e}nimda'],
    ['\u2066\u2069\u200e\u061c\u2028', '\\u{2066}\\u{2069}\\u{200e}\\u{61c}\\u{2028}'],
    ['\ud800 \udc00 x\ud83d', '\\u{d800} \\u{dc00} x\\u{d83d}'],
  ])('%j', (text, expected) => expect(sanitize(text)).toBe(expected));

  it('sanitizeBlock keeps line feeds and tabs only', () =>
    expect(sanitizeBlock('a\tb\nc\r\x1b')).toBe('a\tb\nc\\x0d\\x1b'));

  it('leaves nothing that acts on a terminal, for any text', () => {
    const any = fc.string({unit: 'binary'}).map((s) => `${s}\x1b\u009b\u202e`);
    fc.assert(
      fc.property(any, (text) => {
        const safe = sanitize(text);
        return !/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(safe) && safe.isWellFormed() && isSafe(safe);
      }),
    );
  });
});
