/**
 * What a session's clients and its server say to each other over the socket: frames of
 *
 *   kind (1 byte) | length (4 bytes, big endian) | body
 *
 * The client is started for each command of a shell, so this file imports nothing.
 */

export const kinds = {
  /** Client: `Request` as JSON, first and once. */
  run: 1,
  /** Client: bytes of its standard input, after `wantInput`; none: its end. */
  input: 2,
  /** Client: name of a signal that reached it. */
  signal: 3,
  /** Server: bytes for a stream of the client's. */
  stdout: 4,
  stderr: 5,
  /** Server: the tool reads standard input. */
  wantInput: 6,
  /** Server: the tool has ended; its exit code as text. */
  exit: 7,
  /** Server: nobody handles this signal: what it does by default is the client's to do. */
  die: 8,
  /** Server: this command line concerns files only; the client runs it itself. */
  local: 9,
  /** Server: `Become` as JSON: the client starts this program of its machine, whose exit code is the command's. */
  become: 10,
} as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

export const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type Signal = (typeof signals)[number];

/** A command as the shell started it. */
export interface Request {
  /** Name by which it was called: `kubectl`. */
  readonly tool: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: {readonly isTty: boolean};
  readonly stdout: {readonly isTty: boolean; readonly columns: number};
  readonly stderr: {readonly isTty: boolean};
}

export interface Become {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const HEADER = 5;

export function encodeFrame(kind: Kind, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(HEADER + body.length);
  out[0] = kind;
  new DataView(out.buffer).setUint32(1, body.length);
  out.set(body, HEADER);
  return out;
}

/** Takes bytes as they come and hands on whole frames; the body is the caller's. */
export function frameReader(take: (kind: number, body: Uint8Array) => void): (bytes: Uint8Array) => void {
  let rest: Uint8Array = new Uint8Array(0);
  return (bytes) => {
    let from = bytes;
    if (rest.length > 0) {
      from = new Uint8Array(rest.length + bytes.length);
      from.set(rest);
      from.set(bytes, rest.length);
    }
    let at = 0;
    while (from.length - at >= HEADER) {
      const end = at + HEADER + new DataView(from.buffer, from.byteOffset + at + 1, 4).getUint32(0);
      if (end > from.length) break;
      take(from[at]!, from.subarray(at + HEADER, end));
      at = end;
    }
    rest = from.slice(at);
  };
}
