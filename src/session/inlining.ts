import {setFlagsFromString} from 'node:v8';

/**
 * Lets V8's optimising compiler inline more than by default (920 bytes of bytecode per function): a packet passes some 200 small functions, whose
 * calls alone cost an eighth of its time. To be called before the first run; measured: 8 % more frames a second.
 */
export function widenInlining(): void {
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=2000');
}
