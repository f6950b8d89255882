/**
 * What is wrong with a capture file, or with reaching it. The texts are libpcap 1.10.3's (sf-pcap.c, sf-pcapng.c,
 * savefile.c), so that a program which prints them speaks as tcpdump does.
 */
export class CaptureError extends Error {
  /** errno name where the operating system refused: `ENOENT`. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.name = 'CaptureError';
    this.code = code;
  }
}

/** strerror(3) of glibc for what opening, reading and writing files can meet. */
const errnoTexts: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EBADF: 'Bad file descriptor',
  EDQUOT: 'Disk quota exceeded',
  EFBIG: 'File too large',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENFILE: 'Too many open files in system',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
  EPIPE: 'Broken pipe',
  EROFS: 'Read-only file system',
};

/** A system error as libpcap words it: `PREFIX: No such file or directory`. Anything else is rethrown as it is. */
export function systemError(prefix: string, error: unknown): CaptureError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) throw error;
  return new CaptureError(`${prefix}: ${errnoTexts[code] ?? code}`, code);
}
