/**
 * What ping does with what comes back: the program's main loop and statistics (iputils ping_common.c, ping.c, ping6_common.c)
 * over the events of a run, in virtual time.
 */
import type {AppEvent} from '../../datapath/model.js';
import {type Ip, isIp4} from '../../wire/addr.js';
import type {PingOptions} from './argv.js';
import {icmp4Text, icmp6Text} from './icmp-text.js';

export interface PingRun {
  readonly options: PingOptions;
  readonly target: Ip;
  /** As printed in the header and in the statistics. */
  readonly hostname: string;
  /** `ADDRESS`, or `NAME (ADDRESS)`. */
  readonly nameOf: (ip: Ip) => string;
  /** s since 1970 at virtual time 0. */
  readonly epoch: number;
  /** Requests to send at most, without an end set by the user: the default count. */
  readonly count: number | undefined;
}

/** Lines in the order in which the program writes them, to either stream. */
export interface PingReport {
  readonly parts: readonly {readonly stream: 'stdout' | 'stderr'; readonly text: string}[];
  readonly exitCode: number;
}

/** Bytes of a struct timeval in the data: shorter requests can't be timed. */
const TIMEVAL = 16;

/** State of the loop. Times of the statistics are µs, as the program's. */
interface Loop {
  readonly run: PingRun;
  readonly parts: {readonly stream: 'stdout' | 'stderr'; readonly text: string}[];
  sent: number;
  received: number;
  repeats: number;
  errors: number;
  first: number | undefined;
  lastSend: number;
  readonly answered: Set<number>;
  pipe: number;
  min: number;
  max: number;
  sum: number;
  squares: number;
  /** Virtual time at which the alarm ends the program, ns. */
  alarm: number;
}

/** The program at work: takes what happens, as it happens. */
export interface PingLoop {
  /** Lines written since the last look. */
  take(): PingReport['parts'];
  /** False: the program has ended. */
  event(event: AppEvent): boolean;
  /** Virtual time at which the alarm ends it, if nothing else does. */
  readonly alarm: number;
  /** The statistics are written; the exit code. */
  end(): number;
}

export function startLoop(run: PingRun): PingLoop {
  const {options} = run;
  const loop: Loop = {
    run,
    parts: [{stream: 'stdout', text: header(run)}],
    sent: 0,
    received: 0,
    repeats: 0,
    errors: 0,
    first: undefined,
    lastSend: 0,
    answered: new Set(),
    pipe: -1,
    min: Number.POSITIVE_INFINITY,
    max: 0,
    sum: 0,
    squares: 0,
    alarm: Number.POSITIVE_INFINITY,
  };
  return {
    take: () => loop.parts.splice(0),
    get alarm() {
      return loop.alarm;
    },
    event(event) {
      if (event.time > loop.alarm || isOver(loop)) return false;
      if (event.kind === 'sent') send(loop, event);
      else if (event.kind === 'error') localError(loop, event);
      else if (event.kind === 'reply') reply(loop, event);
      else if (event.kind === 'unreachable' && event.icmp) icmpError(loop, event);
      return !isOver(loop);
    },
    end() {
      print(loop, statistics(loop));
      return loop.received === 0 || (options.deadline > 0 && loop.received < (run.count ?? 0)) ? 1 : 0;
    },
  };
}

/** `events`: those of this ping, in order of time. */
export function replayPing(run: PingRun, events: readonly AppEvent[]): PingReport {
  const loop = startLoop(run);
  for (const event of events) if (!loop.event(event)) break;
  const exitCode = loop.end();
  return {parts: loop.take(), exitCode};
}

function header({options, target, hostname, nameOf}: PingRun): string {
  const {size, from} = options;
  const via = from === undefined ? '' : `from ${from}: `;
  return isIp4(target)
    ? `PING ${hostname} (${nameOf(target).replace(/^.* \((.*)\)$/, '$1')}) ${via}${size}(${size + 28}) bytes of data.\n`
    : `PING ${hostname}(${nameOf(target)}) ${via}${size} data bytes\n`;
}

function isOver({run, received, errors}: Loop): boolean {
  if (run.count !== undefined && received + errors >= run.count) return true;
  return run.options.deadline > 0 && errors > 0;
}

function print(loop: Loop, text: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
  loop.parts.push({stream, text});
}

function stamp({run}: Loop, time: number): string {
  if (!run.options.timestamps) return '';
  const micros = Math.floor(time / 1000);
  const seconds = run.epoch + Math.floor(micros / 1e6);
  return `[${seconds}.${String(micros % 1e6).padStart(6, '0')}] `;
}

function send(loop: Loop, event: AppEvent): void {
  const {run} = loop;
  const {options} = run;
  if (loop.first === undefined) {
    loop.first = event.time;
    if (options.deadline > 0) loop.alarm = event.time + options.deadline * 1e9;
  } else reportOutstanding(loop, event.time);
  loop.sent++;
  loop.lastSend = event.time;
  if (run.count === undefined || loop.sent < run.count || options.deadline > 0) return;
  const wait = loop.received > 0 ? Math.max(2 * loop.max, 1000 * options.interval) : 1000 * options.linger;
  loop.alarm = event.time + wait * 1000;
}

/** -O, as the next request goes out. */
function reportOutstanding(loop: Loop, time: number): void {
  if (loop.run.options.outstanding && !loop.answered.has(loop.sent))
    print(loop, `${stamp(loop, time)}no answer yet for icmp_seq=${loop.sent % 0x10000}\n`);
}

/** A packet that the own stack refuses: counted as sent all the same. */
function localError(loop: Loop, event: AppEvent): void {
  const {options, target} = loop.run;
  if (loop.first === undefined) loop.first = event.time;
  else reportOutstanding(loop, event.time);
  loop.sent++;
  loop.lastSend = event.time;
  if (options.quiet) return;
  const text = event.text ?? 'local error';
  print(loop, `ping: ${isIp4(target) ? text : text.replace('mtu=', 'mtu: ')}\n`, 'stderr');
  loop.errors++;
}

/** How many requests were under way when this one was answered. */
function acknowledge(loop: Loop, sequence: number): void {
  const distance = (loop.sent - sequence) & 0xffff;
  if (distance <= 0x7fff) loop.pipe = Math.max(loop.pipe, distance + 1);
}

function reply(loop: Loop, event: AppEvent): void {
  const {run} = loop;
  const {options} = run;
  const {sequence, from, bytes = 0, ttl, rtt = 0, time} = event;
  const isTimed = options.size >= TIMEVAL;
  // both stamps are cut to microseconds before they are subtracted
  const trip = Math.floor(time / 1000) - Math.floor((time - rtt) / 1000);
  const isDuplicate = loop.answered.has(sequence);
  acknowledge(loop, sequence);
  if (isTimed) {
    loop.min = Math.min(loop.min, trip);
    loop.max = Math.max(loop.max, trip);
    loop.sum += trip;
    loop.squares += trip * trip;
  }
  if (isDuplicate) loop.repeats++;
  else {
    loop.received++;
    loop.answered.add(sequence);
  }
  if (options.quiet) return;
  print(
    loop,
    `${stamp(loop, time)}${bytes} bytes from ${run.nameOf(from)}: icmp_seq=${sequence}` +
      `${ttl === undefined ? '' : ` ttl=${ttl}`}${isTimed ? ` time=${tripText(trip)} ms` : ''}` +
      `${isDuplicate ? ' (DUP!)' : ''}${from === run.target ? '' : ' (DIFFERENT ADDRESS!)'}` +
      `${options.audible ? '\x07' : ''}\n`,
  );
}

/** Three significant decimals below 1 ms, fewer above. */
function tripText(trip: number): string {
  if (trip >= 100_000 - 50) return String(Math.floor((trip + 500) / 1000));
  if (trip >= 10_000 - 5) return `${Math.floor((trip + 50) / 1000)}.${Math.floor(((trip + 50) % 1000) / 100)}`;
  if (trip >= 1000)
    return `${Math.floor((trip + 5) / 1000)}.${String(Math.floor(((trip + 5) % 1000) / 10)).padStart(2, '0')}`;
  return millis(trip);
}

function millis(micros: number): string {
  return `${Math.floor(micros / 1000)}.${String(Math.floor(micros % 1000)).padStart(3, '0')}`;
}

function icmpError(loop: Loop, event: AppEvent): void {
  const {run} = loop;
  const {sequence, icmp, time} = event;
  const four = isIp4(run.target);
  if (four) acknowledge(loop, sequence);
  loop.errors++;
  if (run.options.quiet) return;
  const text = four ? icmp4Text(icmp!) : icmp6Text(icmp!);
  print(loop, `${stamp(loop, time)}From ${run.nameOf(icmp!.from)} icmp_seq=${sequence} ${text}\n`);
}

function statistics(loop: Loop): string {
  const {run, sent, received, repeats, errors, pipe} = loop;
  const parts = [`${sent} packets transmitted, ${received} received`];
  if (repeats > 0) parts.push(`+${repeats} duplicates`);
  if (errors > 0) parts.push(`+${errors} errors`);
  if (sent > 0) {
    parts.push(`${significant(((sent - received) * 100) / sent)}% packet loss`);
    parts.push(`time ${Math.floor((loop.lastSend - (loop.first ?? 0) + 500_000) / 1e6)}ms`);
  }
  const tail = [
    ...(received > 0 && run.options.size >= TIMEVAL ? [rttText(loop)] : []),
    ...(pipe > 1 ? [`pipe ${pipe}`] : []),
  ];
  return `\n--- ${run.hostname} ping statistics ---\n${parts.join(', ')}\n${tail.join(', ')}\n`;
}

/** C's %g of a float. */
function significant(value: number): string {
  return String(Number(Math.fround(value).toPrecision(6)));
}

function rttText({received, repeats, min, max, sum, squares}: Loop): string {
  const total = received + repeats;
  const mean = Math.floor(sum / total);
  const variance = Math.floor((squares - Math.floor((sum * sum) / total)) / total);
  const deviation = Math.floor(Math.sqrt(Math.max(0, variance)));
  return `rtt min/avg/max/mdev = ${[min, mean, max, deviation].map(millis).join('/')} ms`;
}
