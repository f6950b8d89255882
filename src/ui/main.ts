/** `wirelay ui`: the screen on a terminal, plain lines anywhere else. */
import type {SessionOptions} from '../session/options.js';
import {createSession} from '../session/session.js';
import type {Io} from '../term/io.js';

export async function uiMain(options: SessionOptions, filter: string | undefined, io: Io): Promise<number> {
  if (!isInteractive(io)) {
    const [session, {printFrames}] = await Promise.all([createSession(options, io), import('./text.js')]);
    await printFrames(session, options, filter, io);
    return 0;
  }
  const [session, {runApp}] = await Promise.all([createSession(options, io), import('./app.js')]);
  await runApp({session, options, filter, io});
  return 0;
}

/** Keys can be read one by one and the cursor can be moved; a CI's log is no terminal whatever it says. */
function isInteractive({stdout, env}: Io): boolean {
  return stdout.isTty && Boolean(process.stdin.isTTY) && env.TERM !== 'dumb' && (env.CI ?? '') === '';
}
