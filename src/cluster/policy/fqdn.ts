/** Names of the DNS against `matchName` and `matchPattern` (cilium pkg/fqdn/matchpattern). Both sides in small letters, no dot at the end. */

/** `*` alone is every name, `**.` in front any number of labels, `*` elsewhere part of one label. */
export function matchesName(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  const [wanted, labels] = [pattern.split('.'), name.split('.')];
  if (wanted[0] !== '**') return matchesLabels(wanted, labels);
  const rest = wanted.slice(1);
  return labels.length > rest.length && matchesLabels(rest, labels.slice(labels.length - rest.length));
}

function matchesLabels(wanted: readonly string[], labels: readonly string[]): boolean {
  return wanted.length === labels.length && wanted.every((pattern, i) => matchesLabel(pattern, labels[i]!));
}

/** Each `*` takes as little as it can; where that fails, the last one takes more. Linear in either for a given number of stars. */
function matchesLabel(pattern: string, label: string): boolean {
  let [p, at, star, taken] = [0, 0, -1, 0];
  while (at < label.length) {
    if (pattern[p] === '*') {
      star = p++;
      taken = at;
    } else if (pattern[p] === label[at]) {
      p++;
      at++;
    } else if (star >= 0) {
      p = star + 1;
      at = ++taken;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
