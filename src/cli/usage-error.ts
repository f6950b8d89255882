/** What oclif's parser finds wrong with a command line, in the words and the form of all our errors. */
import type {Problem} from '../term/error.js';
import {closest} from '../term/nearest.js';

interface ParseError extends Error {
  readonly parse?: unknown;
  readonly flags?: readonly string[];
  readonly args?: readonly (string | {readonly name: string})[];
}

/** Undefined for an error of another kind. `flags`: names of the command's options. */
export function usageProblem(error: ParseError, command: string, flags: readonly string[]): Problem | undefined {
  if (error.parse === undefined && !error.message.startsWith('Parsing --')) return undefined;
  const help = `\`wirelay ${command} --help\` tells`;
  const [flag] = error.flags ?? [];
  if (flag !== undefined) {
    const near = closest(flag.replace(/^-+/, ''), flags);
    return {
      message: `${command}: no option ${flag}`,
      hint: near === undefined ? `${help} which there are` : `did you mean --${near}? ${help} more`,
    };
  }
  const names = (error.args ?? []).map((arg) => (typeof arg === 'string' ? arg : arg.name.toUpperCase()));
  const {message} = error;
  if (/^Missing \d+ required arg/.test(message))
    return {message: `${command}: ${names.join(' and ')} missing`, hint: help};
  if (message.startsWith('Unexpected argument'))
    return {message: `${command}: one argument too many: ${names.join(' ')}`, hint: help};
  const text = message
    .replace(/\nSee more help with --help$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/^Parsing (--\S+)\s+/, '$1: ')
    .replace(/\s*\n\s*/g, '; ');
  return {message: `${command}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`, hint: help};
}
