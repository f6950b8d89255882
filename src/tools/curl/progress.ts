/** The progress meter as curl 7.88.1 leaves it on stderr (lib/progress.c). */
const HEADER =
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n' +
  '                                 Dload  Upload   Total   Spent    Left  Speed\n';

/** Five columns (max5data). */
function five(bytes: number): string {
  const kilo = 1024;
  if (bytes < 100_000) return String(bytes).padStart(5);
  if (bytes < 10_000 * kilo) return `${String(Math.floor(bytes / kilo)).padStart(4)}k`;
  const mega = kilo * kilo;
  if (bytes < 100 * mega)
    return `${String(Math.floor(bytes / mega)).padStart(2)}.${Math.floor((bytes % mega) / (mega / 10))}M`;
  return `${String(Math.floor(bytes / mega)).padStart(4)}M`;
}

/** `stated`: how much there would be to receive. */
function line(received: number, sent: number, seconds: number, stated = received): string {
  const speed = (bytes: number) => five(seconds > 0 ? Math.floor(bytes / seconds) : 0);
  const share = (bytes: number) => (bytes > 0 ? '100' : '  0');
  const total = received + sent;
  return `\r${share(total)} ${five(stated + sent)}  ${share(received)} ${five(received)}  ${share(sent)} ${five(sent)}  ${speed(received)}  ${speed(sent)} --:--:-- --:--:-- --:--:-- ${speed(total)}`;
}

export const progressStart = `${HEADER}${line(0, 0, 0)}`;

export function progressEnd(received: number, sent: number, seconds: number, stated?: number): string {
  return `${line(received, sent, seconds, stated)}\n`;
}
