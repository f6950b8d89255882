/** Findings and rules as text, JSON, SARIF and annotations of GitHub. */
import type {SourcePosition} from '../../term/error.js';
import {sanitize} from '../../term/sanitize.js';
import type {Finding as Report} from '../reports/finding.js';
import {githubText} from '../reports/github.js';
import {sarifText} from '../reports/sarif.js';
import {type Finding, type Rule, type Severity, severities} from './model.js';
import {rules} from './rules.js';

export const lintFormats = ['text', 'json', 'sarif', 'github'] as const;
export type LintFormat = (typeof lintFormats)[number];

const DOCS = 'https://github.com/wirelay/wirelay/blob/main/docs/lint.md';

export function printFindings(findings: readonly Finding[], format: LintFormat, ignored: number): string {
  switch (format) {
    case 'text':
      return text(findings, ignored);
    case 'json':
      return `${JSON.stringify(json(findings, ignored), null, 2)}\n`;
    case 'sarif':
      return sarifText(
        findings.map(report),
        rules.map(({id, severity, title, why, fix, source}) => ({
          id,
          text: title,
          level: levels[severity],
          help: `${why}\n\n${fix}\n\nSource: ${source}`,
          helpUri: `${DOCS}#${id.toLowerCase()}`,
        })),
      );
    case 'github':
      return githubText(findings.map(report));
  }
}

const levels = {error: 'error', warning: 'warning', info: 'notice'} as const;

function report({rule, severity, message, where, fatal}: Finding): Report {
  const told = fatal ? message : `${message}${/[.?!]$/.test(message) ? '' : '.'} ${rule.fix}`;
  return {id: rule.id, level: levels[severity], title: `${rule.id} ${rule.title}`, message: told, where};
}

function placeText({file, line, column}: SourcePosition): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

function text(findings: readonly Finding[], ignored: number): string {
  const blocks = findings.map(({rule, severity, message, where}) =>
    [
      `${where ? `${placeText(where)}: ` : ''}${severity} ${rule.id}: ${message}`,
      `  why: ${rule.why}`,
      `  fix: ${rule.fix}`,
      `  source: ${rule.source}`,
    ]
      .map((line) => `${sanitize(line)}\n`)
      .join(''),
  );
  return `${blocks.join('')}${summary(findings, ignored)}\n`;
}

function summary(findings: readonly Finding[], ignored: number): string {
  const counts = [...severities].reverse().flatMap((severity) => {
    const n = findings.filter((finding) => finding.severity === severity).length;
    return n === 0 ? [] : [`${n} ${plural(severity, n)}`];
  });
  const told = counts.length === 0 ? 'no findings' : counts.join(', ');
  return ignored === 0 ? told : `${told}; ${ignored} ignored by comments`;
}

function plural(severity: Severity, n: number): string {
  return severity === 'info' || n === 1 ? severity : `${severity}s`;
}

function json(findings: readonly Finding[], ignored: number) {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return {
    schemaVersion: 1,
    findings: findings.map(({rule, severity, message, where, edit}) => ({
      id: rule.id,
      severity,
      title: rule.title,
      message,
      ...(where ? {file: where.file, ...(where.line ? {line: where.line, column: where.column ?? 1} : {})} : {}),
      why: rule.why,
      fix: rule.fix,
      source: rule.source,
      fixable: edit !== undefined,
    })),
    summary: {error: count('error'), warning: count('warning'), info: count('info'), ignored},
  };
}

export function printRules(format: 'text' | 'json'): string {
  if (format === 'json') {
    const list = rules.map(({id, severity, title, why, fix, source}) => ({id, severity, title, why, fix, source}));
    return `${JSON.stringify({schemaVersion: 1, rules: list}, null, 2)}\n`;
  }
  return rules.map(({id, severity, title}) => `${id.padEnd(12)} ${severity.padEnd(8)} ${title}\n`).join('');
}

export function explainRule({id, severity, title, why, fix, source}: Rule): string {
  return `${id} (${severity}): ${title}\n\nWhy:    ${why}\nFix:    ${fix}\nSource: ${source}\n`;
}

/** The reference of all rules, as docs/lint.md has it. */
export function rulesMarkdown(): string {
  return rules
    .map(
      ({id, severity, title, why, fix, source}) =>
        `### ${id}\n\n*${severity}*: ${title}.\n\n${why}\n${fix}\n\nSource: ${source}\n`,
    )
    .join('\n');
}
