/** Files beside a cluster's objects that people keep in the same folders: told by name, with what to do instead. */
import {isObject} from './shape.js';

export interface Foreign {
  readonly what: string;
  /** What to do instead. */
  readonly hint?: string;
}

const kustomization: Foreign = {
  what: 'a kustomization, which is not built here',
  hint: 'kubectl kustomize FOLDER | wirelay … -f -',
};

const chart: Foreign = {
  what: 'part of a Helm chart, which is not rendered here',
  hint: 'helm template FOLDER | wirelay … -f -',
};

const template: Foreign = {
  what: 'a template with {{ … }}, which is not rendered here',
  hint: 'render it first, e.g. helm template FOLDER | wirelay … -f -',
};

/** An object in part, which a kustomization lays over another one. */
export const patch: Foreign = {what: 'a patch of a kustomization, which is not built here'};

/** By its name alone. */
export function foreignFile(name: string): Foreign | undefined {
  return /^Chart\.(ya?ml|lock)$/.test(baseName(name)) ? chart : undefined;
}

/** A document that is no object of a cluster, or one for a tool that makes such objects. */
export function foreignDocument(name: string, value: unknown): Foreign | undefined {
  const {kind, apiVersion} = isObject(value) ? value : {};
  const kustomize = typeof apiVersion === 'string' && apiVersion.startsWith('kustomize.config.k8s.io/');
  if (kustomize || isKustomization(name)) return kustomization;
  return kind === undefined && /^values[^/]*\.(ya?ml|json)$/i.test(baseName(name)) ? chart : undefined;
}

export function isKustomization(name: string): boolean {
  return /^kustomization(\.ya?ml)?$/i.test(baseName(name));
}

function baseName(name: string): string {
  return name.split(/[/!]/).at(-1)!;
}

/** If something is wrong with this text, it comes of its being a template. */
export function foreignText(bytes: Uint8Array): Foreign | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return text.includes('{{') || text.includes('{%') ? template : undefined;
}

/** Files that the kustomization `value` lays over others: objects in part. */
export function patchesOf(value: unknown): string[] {
  if (!isObject(value)) return [];
  const list = (key: string): readonly unknown[] => (Array.isArray(value[key]) ? value[key] : []);
  return [
    ...list('patchesStrategicMerge'),
    ...['patches', 'patchesJson6902', 'replacements', 'transformers', 'generators'].flatMap((key) =>
      list(key).map((item) =>
        isObject(item) ? item.path : key === 'transformers' || key === 'generators' ? item : undefined,
      ),
    ),
  ].filter((item): item is string => typeof item === 'string' && !item.includes('\n'));
}
