/** A kind of the API server: how command lines name it, what there is of it, how tables show it. */
import {type Json, type JsonObject, type KubeObject, listAt, stringsAt, textAt} from '../json.js';
import type {Entry, View} from '../view.js';

export interface Column {
  readonly header: string;
  /** Only with -o wide. */
  readonly wide?: boolean;
  readonly value: (object: KubeObject, view: View) => string;
}

export interface Resource {
  /** Plural, as the API server names it. */
  readonly name: string;
  readonly singular: string;
  readonly short: readonly string[];
  readonly kind: string;
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly namespaced: boolean;
  /** `get all` lists it. */
  readonly inAll?: boolean;
  /** Undefined: everywhere. */
  readonly list: (view: View, namespace: string | undefined) => readonly Entry[];
  readonly columns: readonly Column[];
}

/** `apps` of `apps/v1`; empty for the core group. */
export function groupOf({apiVersion}: Pick<Resource, 'apiVersion'>): string {
  return apiVersion.includes('/') ? apiVersion.replace(/\/.*$/, '') : '';
}

/** duration.HumanDuration of k8s.io/apimachinery, of an age in ms. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 0) return seconds < -1 ? '<invalid>' : '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  if (hours < 24 * 365 * 8) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`;
  return `${years}y`;
}

export function since(timestamp: string, {now}: View): string {
  const time = Date.parse(timestamp);
  return Number.isNaN(time) ? '<unknown>' : humanDuration(now - time);
}

export const nameColumn: Column = {header: 'NAME', value: ({metadata}) => metadata.name};
export const ageColumn: Column = {
  header: 'AGE',
  value: (object, view) => since(textAt(object, 'metadata', 'creationTimestamp'), view),
};

export function column(header: string, value: Column['value'], wide = false): Column {
  return wide ? {header, value, wide} : {header, value};
}

export const orNone = (text: string) => text || '<none>';

/** `a=b,c=d`, sorted by key (labels.FormatLabels). */
export function formatLabels(labels: Readonly<Record<string, string>>): string {
  return orNone(
    Object.keys(labels)
      .sort()
      .map((key) => `${key}=${labels[key]}`)
      .join(','),
  );
}

/** metav1.FormatLabelSelector: `app=web,tier in (a,b),!x`; an absent one `<error>`-free: `<none>`. */
export function formatSelector(selector: Json | undefined): string {
  const equal = Object.entries(stringsAt(selector, 'matchLabels')).map(([key, value]): [string, string] => [
    key,
    `${key}=${value}`,
  ]);
  const sets = listAt(selector, 'matchExpressions').map((item): [string, string] => {
    const key = textAt(item, 'key');
    const values = listAt(item, 'values').map(String).sort().join(',');
    switch (textAt(item, 'operator')) {
      case 'In':
        return [key, `${key} in (${values})`];
      case 'NotIn':
        return [key, `${key} notin (${values})`];
      case 'Exists':
        return [key, key];
      default:
        return [key, `!${key}`];
    }
  });
  const order = ([a]: readonly [string, string], [b]: readonly [string, string]) => (a < b ? -1 : a > b ? 1 : 0);
  return orNone(
    [...equal, ...sets]
      .sort(order)
      .map(([, text]) => text)
      .join(','),
  );
}

/** Metadata as the server fills them in: the manifest's, with namespace, name and time. */
export function metadataOf(
  view: View,
  {
    name,
    namespace,
    labels,
    annotations = {},
    createdAt,
  }: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly createdAt?: number | undefined;
  },
  manifest?: JsonObject,
): KubeObject['metadata'] {
  const {
    labels: _labels,
    annotations: _annotations,
    creationTimestamp,
    ...rest
  } = (manifest?.metadata ?? {}) as JsonObject;
  return {
    ...rest,
    name,
    ...(namespace === undefined ? {} : {namespace}),
    ...(Object.keys(labels).length > 0 ? {labels} : {}),
    ...(Object.keys(annotations).length > 0 ? {annotations} : {}),
    creationTimestamp:
      createdAt === undefined && typeof creationTimestamp === 'string' ? creationTimestamp : view.time(createdAt),
  };
}

/** An object of the input as the server has it: with a namespace and a time. */
export function manifestObject(
  manifest: JsonObject,
  view: View,
  {namespaced, apiVersion, kind}: Pick<Resource, 'namespaced' | 'apiVersion' | 'kind'>,
): KubeObject {
  const metadata = {
    name: textAt(manifest, 'metadata', 'name'),
    ...(namespaced ? {namespace: namespaceOf(manifest)} : {}),
    labels: stringsAt(manifest, 'metadata', 'labels'),
    annotations: stringsAt(manifest, 'metadata', 'annotations'),
  };
  return {apiVersion, kind, ...manifest, metadata: metadataOf(view, metadata, manifest)};
}

export function namespaceOf(manifest: JsonObject): string {
  return textAt(manifest, 'metadata', 'namespace') || 'default';
}

/** Entries of the objects that the input has of a kind. */
export function manifestEntries(
  view: View,
  resource: Pick<Resource, 'namespaced' | 'apiVersion' | 'kind'>,
  namespace: string | undefined,
): Entry[] {
  return view.manifests(resource.kind).flatMap((manifest): Entry[] => {
    const own = resource.namespaced ? namespaceOf(manifest) : undefined;
    if (resource.namespaced && namespace !== undefined && own !== namespace) return [];
    return [
      {
        name: textAt(manifest, 'metadata', 'name'),
        namespace: own,
        labels: stringsAt(manifest, 'metadata', 'labels'),
        object: () => manifestObject(manifest, view, resource),
      },
    ];
  });
}
