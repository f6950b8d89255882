/** ping's lines, as iputils 20221126 (ping.c, ping_common.c) writes them. */
import type {AppEvent} from '../../datapath/model.js';
import {formatIp, type Ip, isIp4} from '../../wire/addr.js';
import type {PingOptions} from './argv.js';

const unreachable4 = [
  'Destination Net Unreachable',
  'Destination Host Unreachable',
  'Destination Protocol Unreachable',
  'Destination Port Unreachable',
  'Frag needed and DF set',
  'Source Route Failed',
  'Destination Net Unknown',
  'Destination Host Unknown',
  'Source Host Isolated',
  'Destination Net Prohibited',
  'Destination Host Prohibited',
  'Destination Net Unreachable for Type of Service',
  'Destination Host Unreachable for Type of Service',
  'Packet filtered',
  'Precedence Violation',
  'Precedence Cutoff',
];
const unreachable6 = [
  'No route',
  'Administratively prohibited',
  'Beyond scope of source address',
  'Address unreachable',
  'Port unreachable',
];

/** What an ICMP error is called: pr_icmph, pr_icmph6. */
export function icmpErrorText(icmp: NonNullable<AppEvent['icmp']>): string {
  const {type, code, mtu} = icmp;
  if (isIp4(icmp.from)) {
    if (type === 11) return code === 0 ? 'Time to live exceeded' : 'Frag reassembly time exceeded';
    if (type === 3 && code === 4) return `Frag needed and DF set (mtu = ${mtu ?? 0})`;
    if (type === 3) return unreachable4[code] ?? `Dest Unreachable, Bad Code: ${code}`;
    return `Bad ICMP type: ${type}`;
  }
  if (type === 2) return `Packet too big: mtu=${mtu ?? 0}`;
  if (type === 3) return `Time exceeded: ${code === 0 ? 'Hop limit' : 'Defragmentation failure'}`;
  if (type === 1) return `Destination unreachable: ${unreachable6[code] ?? `Unknown code ${code}`}`;
  return `unknown icmp type: ${type}`;
}

/** A round trip in ms with the precision that ping gives it; `ns` in. */
export function tripTime(ns: number): string {
  const us = Math.floor(ns / 1000);
  const [ms, rest] = [Math.floor(us / 1000), us % 1000];
  if (us >= 100_000) return `${ms}`;
  if (us >= 10_000) return `${ms}.${Math.floor(rest / 100)}`;
  if (us >= 1000) return `${ms}.${String(Math.floor(rest / 10)).padStart(2, '0')}`;
  return `${ms}.${String(rest).padStart(3, '0')}`;
}

/** `10.32.2.20`, or `pod-b (10.32.2.20)` where ping would know a name. */
export type AddressText = (ip: Ip) => string;

export function header(target: string, ip: Ip, size: number): string {
  const bytes = isIp4(ip) ? `${size}(${size + 28}) bytes of data.` : `${size} data bytes`;
  return isIp4(ip) ? `PING ${target} (${formatIp(ip)}) ${bytes}\n` : `PING ${target}(${formatIp(ip)}) ${bytes}\n`;
}

/** The session's lines and counters from the stream of what the application saw. */
export class PingReport {
  readonly lines: string[] = [];
  private transmitted = 0;
  private received = 0;
  private errors = 0;
  private pipe = 0;
  private acked = 0;
  private start = -1;
  private last = 0;
  private readonly trips: number[] = [];

  constructor(
    private readonly options: PingOptions,
    private readonly epoch: number,
    private readonly address: AddressText,
  ) {}

  see(event: AppEvent): void {
    const {options} = this;
    if (this.start < 0) this.start = event.time;
    if (event.time - this.start > options.deadline) return;
    if (event.kind === 'sent' || event.kind === 'error') this.sent(event);
    else if (event.kind === 'reply') this.reply(event);
    else if (event.kind === 'unreachable') this.error(event);
  }

  private sent(event: AppEvent): void {
    if (this.options.outstanding && this.transmitted > this.acked)
      this.line(event, `no answer yet for icmp_seq=${this.transmitted}`);
    this.transmitted++;
    this.last = event.time;
    if (event.kind === 'error') {
      this.errors++;
      this.line(event, `ping: ${event.text}`);
    }
  }

  private reply(event: AppEvent): void {
    if (event.rtt! > this.options.wait) return;
    this.received++;
    this.acknowledge(event);
    this.trips.push(Math.floor(event.rtt! / 1000));
    const ttl = event.ttl === undefined ? '' : ` ttl=${event.ttl}`;
    const time = this.options.size >= 16 ? ` time=${tripTime(event.rtt!)} ms` : '';
    this.line(event, `${event.bytes} bytes from ${this.address(event.from)}: icmp_seq=${event.sequence}${ttl}${time}`);
  }

  private error(event: AppEvent): void {
    this.errors++;
    this.acknowledge(event);
    const text = event.icmp ? icmpErrorText(event.icmp) : (event.text ?? 'Network is unreachable');
    this.line(event, `From ${this.address(event.icmp?.from ?? event.from)} icmp_seq=${event.sequence} ${text}`);
  }

  private acknowledge(event: AppEvent): void {
    this.last = event.time;
    this.pipe = Math.max(this.pipe, this.transmitted - event.sequence + 1);
    this.acked = Math.max(this.acked, event.sequence);
  }

  private line(event: AppEvent, text: string): void {
    if (this.options.quiet) return;
    const micros = Math.floor((event.time % 1e9) / 1000);
    const stamp = this.options.timestamps
      ? `[${this.epoch + Math.floor(event.time / 1e9)}.${String(micros).padStart(6, '0')}] `
      : '';
    this.lines.push(`${stamp}${text}\n`);
  }

  /** 0 answered, 1 not (or fewer than asked before the deadline). */
  get exitCode(): number {
    const short = this.options.deadline !== Number.POSITIVE_INFINITY && this.received < this.options.count;
    return this.received === 0 || short ? 1 : 0;
  }

  summary(target: string): string {
    const {transmitted, received, errors, trips} = this;
    const loss = transmitted === 0 ? 0 : ((transmitted - received) * 100) / transmitted;
    const time = Math.floor((this.last - Math.max(0, this.start)) / 1e6);
    const parts = [
      `${transmitted} packets transmitted`,
      `${received} received`,
      ...(errors > 0 ? [`+${errors} errors`] : []),
      `${formatLoss(loss)}% packet loss`,
      `time ${time}ms`,
    ];
    let tail = '';
    if (received > 0 && this.options.size >= 16) tail = rttLine(trips);
    if (this.pipe > 1) tail += `${tail === '' ? '' : ', '}pipe ${this.pipe}`;
    return `\n--- ${target} ping statistics ---\n${parts.join(', ')}\n${tail}\n`;
  }
}

/** C's `%g`. */
function formatLoss(percent: number): string {
  return String(Number(percent.toPrecision(6)));
}

/** Integer arithmetic in µs, as ping has it. */
function rttLine(trips: readonly number[]): string {
  const n = trips.length;
  const sum = trips.reduce((a, b) => a + b, 0);
  const squares = trips.reduce((a, b) => a + b * b, 0);
  const average = Math.floor(sum / n);
  const deviation = Math.floor(Math.sqrt(Math.max(0, Math.floor(squares / n) - average * average)));
  const ms = (us: number) => `${Math.floor(us / 1000)}.${String(us % 1000).padStart(3, '0')}`;
  const [min, max] = [Math.min(...trips), Math.max(...trips)];
  return `rtt min/avg/max/mdev = ${ms(min)}/${ms(average)}/${ms(max)}/${ms(deviation)} ms`;
}
