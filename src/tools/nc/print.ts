/** What netcat says of its attempts (Debian's netcat-openbsd 1.219). */
import {serviceName} from '../../filter/services.js';
import {sanitize} from '../../term/sanitize.js';
import {formatIp, type Ip} from '../../wire/addr.js';
import type {NcOptions} from './argv.js';

/** `my-svc (10.96.10.50)`; an address alone. */
function place({host}: NcOptions, ip: Ip): string {
  const address = formatIp(ip);
  return host === address ? address : `${sanitize(host)} (${address})`;
}

export function succeeded(options: NcOptions, ip: Ip, port: number): string {
  const protocol = options.udp ? 'udp' : 'tcp';
  const service = options.numeric ? undefined : serviceName(protocol, port);
  return `Connection to ${place(options, ip)} ${port} port [${protocol}/${service ?? '*'}] succeeded!\n`;
}

/** `how`: `failed: Connection refused`, `timed out: Operation now in progress`. */
export function failed(options: NcOptions, ip: Ip, port: number, how: string): string {
  return `nc: connect to ${place(options, ip)} port ${port} (${options.udp ? 'udp' : 'tcp'}) ${how}\n`;
}
