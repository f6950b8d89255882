/** Counters of a device, `-s` and `-s -s`: iproute2 6.1.0 ip/ipaddress.c print_stats64. */
import type {Device} from '../../control/model.js';
import type {DeviceCounters} from '../../datapath/model.js';
import type {IpOptions} from './argv.js';
import type {Emitter} from './emit.js';

type Scale = Pick<IpOptions, 'human' | 'iec'>;

/** Times a veth has gained or lost its carrier when it has come up once. */
function carrierChanges(device: Device): number {
  return device.kind === 'veth' || device.kind === 'physical' ? 2 : 0;
}

/** A count, scaled with -h: `3.24k`, or with -iec `3.16ki`. */
export function formatCount(count: number, {human, iec}: Scale): string {
  const base = iec ? 1024 : 1000;
  if (!human || count < base) return String(count);
  let [power, prefix] = [base, 0];
  while (Math.floor(count / base) >= power && prefix < 5) {
    power *= base;
    prefix++;
  }
  let precision = 2;
  for (let digits = 10; precision > 0 && Math.floor(count / power) >= digits; digits *= 10) precision--;
  return `${(count / power).toFixed(precision)}${'kMGTPE'[prefix]}${iec ? 'i' : ''}`;
}

export function emitStats(
  emit: Emitter,
  counters: DeviceCounters,
  device: Device,
  options: Scale & Pick<IpOptions, 'stats'>,
): void {
  const c = counters;
  const changes = carrierChanges(device);
  const more = options.stats > 1;
  if (emit.json) {
    const rx = {bytes: c.rxBytes, packets: c.rxPackets, errors: 0, dropped: c.rxDropped, over_errors: 0, multicast: 0};
    const rxMore = {length_errors: 0, crc_errors: 0, frame_errors: 0, fifo_errors: 0, missed_errors: 0};
    const tx = {
      bytes: c.txBytes,
      packets: c.txPackets,
      errors: 0,
      dropped: c.txDropped,
      carrier_errors: 0,
      collisions: 0,
    };
    const txMore = {aborted_errors: 0, fifo_errors: 0, window_errors: 0, heartbeat_errors: 0, carrier_changes: changes};
    emit.only('stats64', {rx: more ? {...rx, ...rxMore} : rx, tx: more ? {...tx, ...txMore} : tx});
    return;
  }
  const rx = [c.rxBytes, c.rxPackets, 0, c.rxDropped, 0, 0];
  const tx = [c.txBytes, c.txPackets, 0, c.txDropped, 0, 0];
  const widths = ['*X errors:', 'packets', 'errors', 'dropped', 'heartbt', 'overrun', 'compressed'].map((name, i) => {
    const values = options.human ? [] : [rx[i] ?? 0, tx[i] ?? 0];
    return Math.max(name.length, ...values.map((value) => String(value).length));
  });
  const head = (names: readonly string[]) =>
    names.map((name, i) => name.padStart(i === 0 ? widths[0]! - 4 : widths[i]!));
  const row = (values: readonly number[], from: number) =>
    values.map((value, i) => `${formatCount(value, options).padStart(widths[i + from]!)} `).join('');
  const blank = ' '.repeat(widths[6]!);

  emit.text(`    RX: ${head(['bytes', 'packets', 'errors', 'dropped', 'missed', 'mcast']).join(' ')} ${blank}`);
  emit.newline();
  emit.text(`    ${row(rx, 0)}`);
  if (more) {
    emit.newline();
    emit.text(`    RX errors:${errorHead(widths, ['length', 'crc', 'frame', 'fifo', 'overrun'])}`);
    emit.newline();
    emit.text(' '.repeat(widths[0]! + 5) + row([0, 0, 0, 0, 0], 1));
  }
  emit.newline();
  emit.text(`    TX: ${head(['bytes', 'packets', 'errors', 'dropped', 'carrier', 'collsns']).join(' ')} ${blank}`);
  emit.newline();
  emit.text(`    ${row(tx, 0)}`);
  if (!more) return;
  emit.newline();
  emit.text(`    TX errors:${errorHead(widths, ['aborted', 'fifo', 'window', 'heartbt', 'transns'])}`);
  emit.newline();
  emit.text(' '.repeat(widths[0]! + 5) + row([0, 0, 0, 0, changes], 1));
}

function errorHead(widths: readonly number[], names: readonly string[]): string {
  return ' '.repeat(widths[0]! - 10) + names.map((name, i) => ` ${name.padStart(widths[i + 1]!)}`).join('');
}
