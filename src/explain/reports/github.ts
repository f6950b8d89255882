/**
 * Annotations of GitHub's workflow commands, one line each
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions): data and properties are escaped apart.
 */
import {sanitize} from '../../term/sanitize.js';
import type {Finding} from './finding.js';

export function githubText(findings: readonly Finding[]): string {
  return findings.map(annotation).join('');
}

function annotation({level, title, message, where}: Finding): string {
  const place = where
    ? [
        `file=${property(where.file)}`,
        ...(where.line ? [`line=${where.line}`] : []),
        ...(where.line && where.column ? [`col=${where.column}`] : []),
      ]
    : [];
  return `${sanitize(`::${level} ${[...place, `title=${property(title)}`].join(',')}::${data(message)}`)}\n`;
}

function data(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(value: string): string {
  return data(value).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
