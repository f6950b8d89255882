/** Names of the DNS against `matchName` and `matchPattern` (cilium pkg/fqdn/matchpattern). Both sides in small letters, no dot at the end. */

const LETTERS = '[-a-zA-Z0-9_]';

/** `*` alone is every name, `**.` in front any number of labels, `*` elsewhere part of one label. */
export function matchesName(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  const many = pattern.startsWith('**.');
  const rest = (many ? pattern.slice(3) : pattern)
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join(`${LETTERS}*`);
  const front = many ? `(${LETTERS}+[.])+` : '';
  return new RegExp(`^${front}${rest}$`).test(name);
}
