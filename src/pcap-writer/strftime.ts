/**
 * strftime(3) in the C locale, as `tcpdump -G` expands file names. Local time as this process has it (TZ).
 */

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `sec` after the epoch. A conversion that C doesn't have stays as it stands. */
export function strftime(format: string, sec: number): string {
  const t = new Date(sec * 1000);
  return format.replaceAll(/%[EO]?([\s\S])/g, (whole, letter: string) => conversions[letter]?.(t) ?? whole);
}

function pad(v: number, width = 2, fill = '0'): string {
  return String(v).padStart(width, fill);
}

/** Days since 1 January, from 0. */
function dayOfYear(t: Date): number {
  return Math.round(
    (Date.UTC(t.getFullYear(), t.getMonth(), t.getDate()) - Date.UTC(t.getFullYear(), 0, 1)) / 86_400_000,
  );
}

/** ISO 8601: the week belongs to the year of its Thursday. */
function isoWeek(t: Date): {year: number; week: number} {
  const thursday = new Date(Date.UTC(t.getFullYear(), t.getMonth(), t.getDate() - ((t.getDay() + 6) % 7) + 3));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return {year: thursday.getUTCFullYear(), week: 1 + Math.floor((thursday.getTime() - first) / (7 * 86_400_000))};
}

function zoneOffset(t: Date): string {
  const minutes = -t.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}${pad(size % 60)}`;
}

function zoneName(t: Date): string {
  return new Intl.DateTimeFormat('en-US', {timeZoneName: 'short'})
    .formatToParts(t)
    .find((x) => x.type === 'timeZoneName')!.value;
}

const hour12 = (t: Date) => t.getHours() % 12 || 12;
const expand = (format: string) => (t: Date) => strftime(format, t.getTime() / 1000);

const conversions: Readonly<Record<string, (t: Date) => string>> = {
  '%': () => '%',
  a: (t) => days[t.getDay()]!.slice(0, 3),
  A: (t) => days[t.getDay()]!,
  b: (t) => months[t.getMonth()]!.slice(0, 3),
  h: (t) => months[t.getMonth()]!.slice(0, 3),
  B: (t) => months[t.getMonth()]!,
  c: expand('%a %b %e %H:%M:%S %Y'),
  C: (t) => pad(Math.floor(t.getFullYear() / 100)),
  d: (t) => pad(t.getDate()),
  D: expand('%m/%d/%y'),
  e: (t) => pad(t.getDate(), 2, ' '),
  F: expand('%Y-%m-%d'),
  g: (t) => pad(isoWeek(t).year % 100),
  G: (t) => String(isoWeek(t).year),
  H: (t) => pad(t.getHours()),
  I: (t) => pad(hour12(t)),
  j: (t) => pad(dayOfYear(t) + 1, 3),
  k: (t) => pad(t.getHours(), 2, ' '),
  l: (t) => pad(hour12(t), 2, ' '),
  m: (t) => pad(t.getMonth() + 1),
  M: (t) => pad(t.getMinutes()),
  n: () => '\n',
  p: (t) => (t.getHours() < 12 ? 'AM' : 'PM'),
  P: (t) => (t.getHours() < 12 ? 'am' : 'pm'),
  r: expand('%I:%M:%S %p'),
  R: expand('%H:%M'),
  s: (t) => String(Math.floor(t.getTime() / 1000)),
  S: (t) => pad(t.getSeconds()),
  t: () => '\t',
  T: expand('%H:%M:%S'),
  u: (t) => String(t.getDay() || 7),
  U: (t) => pad(Math.floor((dayOfYear(t) + 7 - t.getDay()) / 7)),
  V: (t) => pad(isoWeek(t).week),
  w: (t) => String(t.getDay()),
  W: (t) => pad(Math.floor((dayOfYear(t) + 7 - ((t.getDay() + 6) % 7)) / 7)),
  x: expand('%m/%d/%y'),
  X: expand('%H:%M:%S'),
  y: (t) => pad(t.getFullYear() % 100),
  Y: (t) => String(t.getFullYear()),
  z: zoneOffset,
  Z: zoneName,
};
