/** Wireshark's sentences of `{key=value}` groups (extcap.adoc), which know no escape: what would end a group is replaced. */
import {sanitize} from '../../../term/sanitize.js';

export function sentence(kind: string, groups: Readonly<Record<string, string | number | boolean>>): string {
  const text = Object.entries(groups).map(([key, value]) => `{${key}=${plain(String(value))}}`);
  return `${kind} ${text.join('')}\n`;
}

function plain(text: string): string {
  return sanitize(text).replaceAll('{', '(').replaceAll('}', ')');
}
