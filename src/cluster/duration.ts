/** Times in texts of the definition. */

const units: Readonly<Record<string, number>> = {ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9};

/** `1s`, `100ms`, `1.5s` → ns. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m)$/.exec(text);
  return match ? Math.round(Number(match[1]) * units[match[2]!]!) : undefined;
}
