/**
 * Label selectors as kubectl takes them (`app=web,tier in (a,b),!debug`), on the labels of an identity. A key may begin with a
 * label's source, `k8s:` or `reserved:`; without one, any source will do.
 */

export interface Requirement {
  readonly source: string | undefined;
  readonly key: string;
  readonly operator: 'exists' | 'absent' | 'in' | 'notin';
  readonly values: readonly string[];
}

const KEY = `(?:([a-z0-9]+):)?([A-Za-z0-9._/:-]+)`;
const exists = new RegExp(`^(!?)\\s*${KEY}$`);
const equals = new RegExp(`^${KEY}\\s*(!=|==?)\\s*([^=!()\\s]*)$`);
const inSet = new RegExp(`^${KEY}\\s+(in|notin)\\s*\\(([^()]*)\\)$`);

/** undefined for what is no selector, an empty one included. */
export function parseSelector(text: string): readonly Requirement[] | undefined {
  const parts = text.split(/,(?![^()]*\))/).map((part) => part.trim());
  const requirements: Requirement[] = [];
  for (const part of parts) {
    const requirement = parseRequirement(part);
    if (requirement === undefined) return undefined;
    requirements.push(requirement);
  }
  return requirements;
}

function parseRequirement(text: string): Requirement | undefined {
  const set = inSet.exec(text);
  if (set) {
    const values = set[4]!.split(',').map((value) => value.trim());
    return {source: sourceOf(set[1]), key: set[2]!, operator: set[3] === 'in' ? 'in' : 'notin', values};
  }
  const equal = equals.exec(text);
  if (equal)
    return {
      source: sourceOf(equal[1]),
      key: equal[2]!,
      operator: equal[3] === '!=' ? 'notin' : 'in',
      values: [equal[4]!],
    };
  const bare = exists.exec(text);
  if (!bare) return undefined;
  return {source: sourceOf(bare[2]), key: bare[3]!, operator: bare[1] === '!' ? 'absent' : 'exists', values: []};
}

function sourceOf(text: string | undefined): string | undefined {
  return text === 'any' ? undefined : text;
}

/** `labels` as `cilium identity list` prints them: `k8s:app=web`, `reserved:host`. */
export function selects(requirements: readonly Requirement[], labels: readonly string[]): boolean {
  const parsed = labels.map(parseLabel);
  return requirements.every(({source, key, operator, values}) => {
    const found = parsed.filter((label) => label.key === key && (source === undefined || source === label.source));
    if (operator === 'exists') return found.length > 0;
    if (operator === 'absent') return found.length === 0;
    const isIn = found.some((label) => values.includes(label.value));
    return operator === 'in' ? isIn : !isIn;
  });
}

function parseLabel(label: string): {source: string; key: string; value: string} {
  const [, source, key, value] = /^([^:=]*):([^=]*)(?:=([\s\S]*))?$/.exec(label) ?? ['', '', label, ''];
  return {source: source!, key: key!, value: value ?? ''};
}
