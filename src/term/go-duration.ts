/** Go's `time.Duration.String()`. */
const SECOND = 1e9;

/** `ns` nanoseconds, exact up to 2^53: `1m23.5s`, `250ms`, `0s`. Units above the second show from the largest that isn't zero. */
export function goDuration(ns: number): string {
  if (ns === 0) return '0s';
  const sign = ns < 0 ? '-' : '';
  const size = Math.abs(ns);
  if (size < SECOND) {
    const [unit, name] = size < 1e3 ? [1, 'ns'] : size < 1e6 ? [1e3, 'µs'] : [1e6, 'ms'];
    return `${sign}${fraction(size, unit)}${name}`;
  }
  const seconds = `${fraction(size % (60 * SECOND), SECOND)}s`;
  const minutes = Math.floor(size / (60 * SECOND));
  if (minutes === 0) return sign + seconds;
  return `${sign}${minutes < 60 ? '' : `${Math.floor(minutes / 60)}h`}${minutes % 60}m${seconds}`;
}

/** `size / unit` with as many decimals as it takes, none of them a trailing zero. */
function fraction(size: number, unit: number): string {
  const whole = Math.floor(size / unit);
  const rest = size - whole * unit;
  const digits = String(rest)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  return rest === 0 ? String(whole) : `${whole}.${digits}`;
}
