/** `--sort-by`: pkg/cmd/get/sorter.go of k8s.io/kubectl, 1.32. */
import {findJsonPath} from '../../term/jsonpath.js';
import {KubectlError} from './error.js';
import type {Json, KubeObject} from './json.js';
import {plain} from './json.js';
import {relaxed} from './output.js';
import {parseQuantity} from './quantity.js';

/** Those without the field come first; equal ones stay as they are. */
export function sortBy(objects: readonly KubeObject[], field: string, asTable: boolean): KubeObject[] {
  const template = relaxed(field);
  const keyed = objects.map((object): [Json | undefined, KubeObject] => [
    findJsonPath(template, plain(object) as never)[0] as Json | undefined,
    object,
  ]);
  const unknown = keyed.length > 0 && keyed.every(([key]) => key === undefined);
  // tables that cannot be sorted are left out
  if (unknown && asTable) return [];
  if (unknown)
    throw new KubectlError(
      `error: couldn't find any field with path ${JSON.stringify(`{${field.replace(/^\{?\.?/, '.').replace(/\}$/, '')}}`)} in the list of objects`,
    );
  return keyed.sort(([a], [b]) => compare(a, b)).map(([, object]) => object);
}

function compare(a: Json | undefined, b: Json | undefined): number {
  if (a === undefined || a === null) return b === undefined || b === null ? 0 : -1;
  if (b === undefined || b === null) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [parseQuantity(String(a)), parseQuantity(String(b))];
  if (left !== undefined && right !== undefined) return left - right;
  return natural(String(a), String(b));
}

/** Runs of digits compare as numbers. */
function natural(a: string, b: string): number {
  const parts = (text: string) => text.match(/\d+|\D+/g) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (const [i, part] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    if (part === other) continue;
    const numbers = /^\d/.test(part) && /^\d/.test(other);
    if (numbers && Number(part) !== Number(other)) return Number(part) - Number(other);
    return part < other ? -1 : 1;
  }
  return left.length - right.length;
}
