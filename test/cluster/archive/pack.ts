/** Archives for tests, written by hand: what an archiver would refuse to write can be written too. */
import {deflateRawSync, gzipSync} from 'node:zlib';
import {crc32} from '../../../src/cluster/archive/crc32.js';

const bytes = (text: string | Uint8Array) => (typeof text === 'string' ? new TextEncoder().encode(text) : text);

export interface TarMember {
  readonly name: string;
  readonly body?: string | Uint8Array;
  readonly type?: string;
  readonly link?: string;
  readonly prefix?: string;
  /** The header's size field, where it is not that of the body. */
  readonly size?: string;
}

/** A ustar file with its two blocks at the end. */
export function tar(members: readonly TarMember[]): Uint8Array {
  const parts = members.flatMap(({name, body = '', type = '0', link = '', prefix = '', size}) => {
    const content = bytes(body);
    const head = Buffer.alloc(512);
    head.write(name, 0, 100);
    head.write('0000644\0', 100);
    head.write(size ?? `${content.length.toString(8).padStart(11, '0')}\0`, 124);
    head.write('00000000000\0', 136);
    head.write('        ', 148);
    head.write(type, 156);
    head.write(link, 157, 100);
    head.write('ustar\x0000', 257);
    head.write(prefix, 345, 155);
    const sum = head.reduce((a, b) => a + b, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [head, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export function tgz(members: readonly TarMember[]): Uint8Array {
  return gzipSync(tar(members));
}

/** `LENGTH KEY=VALUE\n`. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
  return `${length}${rest}`;
}

export interface ZipMember {
  readonly name: string;
  readonly body?: string | Uint8Array;
  readonly stored?: boolean;
  readonly symlink?: boolean;
  /** What the directory says, where it is not so. */
  readonly crc?: number;
  readonly size?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Offset of the local header, where it is not its own. */
  readonly offset?: number;
}

export function zip(members: readonly ZipMember[]): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const body = bytes(member.body ?? '');
    const name = bytes(member.name);
    const packed = member.stored ? body : deflateRawSync(body);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(member.flags ?? 0, 2);
    common.writeUInt16LE(member.method ?? (member.stored ? 0 : 8), 4);
    common.writeUInt32LE(member.crc ?? crc32(body), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(member.size ?? body.length, 18);
    common.writeUInt16LE(name.length, 22);
    const head = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(member.symlink ? 0xa1ff0000 : 0x81a40000, 6);
    tail.writeUInt32LE(member.offset ?? offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, tail, name]));
    local.push(head);
    offset += head.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06'), end]);
}
