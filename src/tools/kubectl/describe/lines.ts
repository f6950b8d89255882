/** Parts that descriptions share: pkg/describe/describe.go of k8s.io/kubectl, 1.32. Cells end with tabs; padding is 2. */
import {type Json, type KubeObject, listAt, stringsAt, textAt} from '../json.js';

/** Lines of a description, one level of two columns each. */
export class Lines {
  private text = '';

  /** A line, or part of one: `text` has its own line feed. */
  add(level: number, text: string): void {
    this.text += '  '.repeat(level) + text;
  }

  toString(): string {
    return this.text;
  }
}

export function byKey(values: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** `Labels:`, then one label a line. */
export function labelLines(
  lines: Lines,
  level: number,
  title: string,
  labels: Readonly<Record<string, string>>,
  inner = '\t',
): void {
  const pairs = byKey(labels);
  if (pairs.length === 0) return void lines.add(level, `${title}:\t<none>\n`);
  for (const [i, [key, value]] of pairs.entries())
    lines.add(i === 0 ? level : 0, `${i === 0 ? `${title}:\t` : inner}${key}=${value}\n`);
}

const LONGEST = 140;

export function annotationLines(lines: Lines, annotations: Readonly<Record<string, string>>): void {
  const pairs = byKey(annotations).filter(([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration');
  if (pairs.length === 0) return void lines.add(0, 'Annotations:\t<none>\n');
  for (const [i, [key, value]] of pairs.entries()) {
    const text = value.replace(/\n$/, '');
    const start = i === 0 ? 'Annotations:\t' : '\t';
    if (text.length + key.length + 2 <= LONGEST && !text.includes('\n')) lines.add(0, `${start}${key}: ${text}\n`);
    else {
      lines.add(0, `${start}${key}:\n`);
      for (const part of text.split('\n')) lines.add(0, `\t  ${shorten(part, LONGEST - 2)}\n`);
    }
  }
}

function shorten(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width)}...` : text;
}

export const labelsOf = (object: Json | undefined) => stringsAt(object, 'metadata', 'labels');
export const annotationsOf = (object: Json | undefined) => stringsAt(object, 'metadata', 'annotations');

export function headLines(lines: Lines, {metadata}: KubeObject): void {
  lines.add(0, `Name:\t${metadata.name}\n`);
  lines.add(0, `Namespace:\t${typeof metadata.namespace === 'string' ? metadata.namespace : ''}\n`);
}

/** RFC 1123 with a numeric zone. */
export function dateText(timestamp: string): string {
  const date = new Date(timestamp === '' ? '0001-01-01T00:00:00Z' : timestamp);
  return Number.isNaN(date.getTime()) ? timestamp : date.toUTCString().replace('GMT', '+0000');
}

export function controller(object: KubeObject): string | undefined {
  const owner = listAt(object, 'metadata', 'ownerReferences').find(
    (item) => (item as {controller?: Json}).controller === true,
  );
  return owner === undefined ? undefined : `${textAt(owner, 'kind')}/${textAt(owner, 'name')}`;
}
