/**
 * Writing side of `dns.ts`: a growing message that remembers where it wrote which name, RFC 1035 §4.1.4.
 */
import {writeIp} from './addr.js';
import {set16} from './bytes.js';
import type {DnsData} from './dns.js';
import {dnsLabels} from './dns-name.js';

export class NameWriter {
  private readonly out: number[] = [];
  /** A label sequence as it stands on the wire (letter case kept) → its offset. */
  private readonly seen = new Map<string, number>();

  byte(v: number): void {
    this.out.push(v & 0xff);
  }

  word(v: number): void {
    this.out.push((v >>> 8) & 0xff, v & 0xff);
  }

  long(v: number): void {
    this.word(v >>> 16);
    this.word(v & 0xffff);
  }

  raw(bytes: Uint8Array): void {
    for (const byte of bytes) this.out.push(byte);
  }

  /** Ends in a pointer where a tail of the name was written before, unless `compress` is false. */
  name(text: string, compress = true): void {
    const labels = dnsLabels(text);
    for (let i = 0; i < labels.length; i++) {
      const tail = labels
        .slice(i)
        .map((label) => String.fromCharCode(label.length, ...label))
        .join('');
      const known = this.seen.get(tail);
      if (compress && known !== undefined) {
        this.word(0xc000 | known);
        return;
      }
      if (known === undefined && this.out.length < 0x4000) this.seen.set(tail, this.out.length);
      this.byte(labels[i]!.length);
      this.raw(labels[i]!);
    }
    this.byte(0);
  }

  /** Room for a 16-bit length; returns its offset for `patchLength`. */
  reserveWord(): number {
    this.word(0);
    return this.out.length - 2;
  }

  /** Stores how many bytes were written behind the word at `at`. */
  patchLength(at: number): void {
    const length = this.out.length - at - 2;
    this.out[at] = length >>> 8;
    this.out[at + 1] = length & 0xff;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.out);
  }
}

/** RDATA, without its length. */
export function encodeRecordData(out: NameWriter, data: DnsData): void {
  switch (data.kind) {
    case 'A':
      out.long(data.ip);
      return;
    case 'AAAA': {
      const ip = new Uint8Array(16);
      writeIp(ip, 0, data.ip);
      out.raw(ip);
      return;
    }
    case 'NS':
    case 'CNAME':
    case 'PTR':
      out.name(data.name);
      return;
    case 'TXT':
      for (const text of data.strings) {
        if (text.length > 255) throw new RangeError(`TXT string of ${text.length} bytes`);
        out.byte(text.length);
        out.raw(text);
      }
      return;
    case 'SRV':
      for (const v of [data.priority, data.weight, data.port]) out.word(v);
      out.name(data.name, false);
      return;
    case 'SOA':
      out.name(data.primary);
      out.name(data.mailbox);
      for (const v of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) out.long(v);
      return;
    case 'OPT':
      for (const option of data.options) {
        const head = new Uint8Array(4);
        set16(head, 0, option.code);
        set16(head, 2, option.data.length);
        out.raw(head);
        out.raw(option.data);
      }
      return;
    case 'other':
      out.raw(data.bytes);
      return;
  }
}
