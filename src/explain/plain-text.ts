/** Text of files for pictures made of + - | only. */
import {sanitize} from '../term/sanitize.js';

const words: Readonly<Record<string, string>> = {'→': '->', µ: 'u', '’': "'", '…': '...'};

/** Safe, and in ASCII: what has no such form is `?`. */
export function asciiText(text: string): string {
  return sanitize(text)
    .replace(/[→µ’…]/g, (character) => words[character] ?? '?')
    .replace(/[^\x00-\x7f]/gu, '?');
}
