/** The modules' health as a tree (pkg/health/client/tree.go, modules.go): indented by two, the report right of each leaf. */
import {sanitize} from '../../../term/sanitize.js';
import type {Module} from './model.js';

interface Branch {
  readonly name: string;
  readonly children: Branch[];
  report: string | undefined;
}

const LEAF_WIDTH = 40;
const PREFIX = '  ';

export function moduleTree(modules: readonly Module[]): string {
  const roots: Branch[] = [];
  for (const module of modules) insert(roots, module.path, reportText(module));
  if (roots.length === 0) return '';
  const lines = roots.flatMap((root) => [root.name, ...branchLines(root.children, 0, depth(root), '')]);
  return `${lines.map((line) => PREFIX + line).join('\n')}\n${PREFIX}\n`;
}

function reportText({level, message, age}: Module): string {
  return `[${level.toUpperCase()}] ${sanitize(message)} (${humanAge(age)}, x1)`;
}

function insert(siblings: Branch[], path: readonly string[], report: string): void {
  const [head = '', ...rest] = path;
  let branch = siblings.find(({name}) => name === sanitize(head));
  if (!branch) siblings.push((branch = {name: sanitize(head), children: [], report: undefined}));
  if (rest.length === 0) branch.report = report;
  else insert(branch.children, rest, report);
}

function depth({children}: Branch): number {
  return children.length === 0 ? 0 : 1 + Math.max(...children.map(depth));
}

function branchLines(branches: readonly Branch[], level: number, max: number, indent: string): string[] {
  const sorted = [...branches].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap((branch, i) => {
    const isLast = i === sorted.length - 1;
    const edge = `${indent}${isLast ? '└──' : '├──'} `;
    const deeper = Math.max(max - level, 0);
    const head =
      branch.report === undefined
        ? edge + branch.name
        : edge + branch.name.padEnd(LEAF_WIDTH + 2 * deeper) + '  '.repeat(deeper) + branch.report;
    return [head, ...branchLines(branch.children, level + 1, max, indent + (isLast ? '    ' : '│   '))];
  });
}

/** An age in at most two units, as kubectl prints it (k8s.io/apimachinery duration.HumanDuration). */
export function humanAge(ns: number): string {
  const seconds = Math.floor(ns / 1e9);
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  return days < 8 && hours % 24 !== 0 ? `${days}d${hours % 24}h` : `${days}d`;
}
