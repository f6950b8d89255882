/** Syslog over UDP, RFC 3164 (print-syslog.c): `<PRI>message`. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';

const severities = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const;
const facilities = (
  'kernel user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp security console cron local0 local1 local2 local3 ' +
  'local4 local5 local6 local7'
).split(' ');
const MAX_DIGITS = 3;

export function syslog(d: Dissector, o: number, length: number): void {
  d.protocol = 'syslog';
  let priority = 0;
  let digits = 0;
  if (d.u8(o) !== 0x3c) return d.invalid();
  for (; digits < MAX_DIGITS; digits++) {
    const c = d.u8(o + 1 + digits);
    if (c < 0x30 || c > 0x39) break;
    priority = priority * 10 + c - 0x30;
  }
  if (d.u8(o + 1 + digits) !== 0x3e) return d.invalid();
  const severity = priority & 7;
  const facility = priority >> 3;
  const facilityName = facilities[facility] ?? `unknown (${facility})`;
  if (d.v === 0) return d.s(`SYSLOG ${facilityName}.${severities[severity]}, length: ${length}`);
  d.s(
    `SYSLOG, length: ${length}\n\tFacility ${facilityName} (${facility}), Severity ${severities[severity]} (${severity})\n\tMsg: `,
  );
  for (let i = digits + 2; i < length; i++) d.safe(d.u8(o + i));
  if (d.v > 1) unknownData(d, '\n\t', o, length);
}
