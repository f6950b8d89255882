/** What `-o` names, for objects: k8s.io/cli-runtime and k8s.io/kubectl printers, 1.32. */
import {readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {UserError} from '../../term/error.js';
import {goJsonString} from '../../term/go-json.js';
import {findJsonPath, JsonPathError, parseJsonPath, runJsonPath, type Template} from '../../term/jsonpath.js';
import {sanitize} from '../../term/sanitize.js';
import {tabwriter} from '../../term/tabwriter.js';
import {KubectlError} from './error.js';
import {isRecord, type Json, type KubeObject, plain} from './json.js';
import {groupOf} from './kinds/kind.js';
import {kubeYaml} from './yaml.js';

/** One line without blanks, or four columns a level, as `json.MarshalIndent(v, "", "    ")` has it. */
export function kubeJson(value: Json, indent = '', step = '    '): string {
  if (typeof value === 'string') return goJsonString(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = indent + step;
  const parts = Array.isArray(value)
    ? (value as readonly Json[]).map((item) => kubeJson(item, inner, step))
    : Object.entries(value).flatMap(([key, item]) =>
        item === undefined ? [] : [`${goJsonString(key)}:${step === '' ? '' : ' '}${kubeJson(item, inner, step)}`],
      );
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  const [newline, end] = step === '' ? ['', ''] : [`\n${inner}`, `\n${indent}`];
  return open + newline + parts.join(`,${newline}`) + end + close;
}

const FORMATS =
  'custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml';

const takesArgument = FORMATS.split(',').filter((name) => !['json', 'name', 'wide', 'yaml'].includes(name));

/** Several objects are one List to all of them. */
export interface ObjectPrinter {
  /** Each object by itself: name, custom-columns. */
  readonly each: boolean;
  print(value: Json): string;
  /** Where it is a table: its lines as cells, ended by tabs. */
  readonly table?: {readonly header: string; line(value: Json): string};
}

/** `-o`'s value; undefined: a table. Throws for what there is not. */
export function objectPrinter(format: string, cwd: string, headers: boolean): ObjectPrinter | undefined {
  const [, prefix = '', , argument] = /^([^=]*)(=([\s\S]*))?$/.exec(format) ?? [];
  const name = argument === undefined || takesArgument.includes(prefix) ? prefix : format;
  switch (name) {
    case 'go-template':
    case 'go-template-file':
    case 'template':
    case 'templatefile':
      throw new UserError({
        message: `kubectl -o ${name} is not supported: there are no Go templates here`,
        hint: '-o jsonpath, -o custom-columns',
      });
    case '':
    case 'wide':
      return undefined;
    case 'json':
      return {each: false, print: (value) => `${kubeJson(value)}\n`};
    case 'yaml':
      return {each: false, print: kubeYaml};
    case 'name':
      return {each: true, print: nameLine};
    case 'jsonpath':
    case 'jsonpath-file':
    case 'jsonpath-as-json': {
      const template = templateOf(name, argument, cwd);
      const parsed = parse(template);
      return {each: false, print: (value) => run(parsed, template, value, name === 'jsonpath-as-json')};
    }
    case 'custom-columns':
    case 'custom-columns-file':
      return customColumns(name, argument, cwd, headers);
    default:
      throw new KubectlError(
        `error: unable to match a printer suitable for the output format ${JSON.stringify(name)}, allowed formats are: ${FORMATS}`,
      );
  }
}

function nameLine(value: Json): string {
  const {kind, apiVersion, metadata} = value as KubeObject;
  const group = groupOf({apiVersion});
  return `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${sanitize(metadata.name)}\n`;
}

function templateOf(name: string, argument: string | undefined, cwd: string): string {
  if (argument === undefined || argument === '')
    throw new KubectlError(`error: template format specified but no template given`);
  return name.endsWith('-file') ? readTemplate(argument, cwd) : argument;
}

function readTemplate(path: string, cwd: string, word = '--template'): string {
  try {
    return readFileSync(resolve(cwd, path), 'utf8');
  } catch {
    throw new KubectlError(`error: error reading ${word} ${path}, open ${path}: no such file or directory`);
  }
}

/** A template whose braces are left out is one action: `.a.b`, `a.b` (RelaxedJSONPathExpression). */
function parse(text: string): Template {
  try {
    return parseJsonPath(text);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new KubectlError(`error: error parsing jsonpath ${text}, ${error.message}`);
  }
}

function run(template: Template, text: string, value: Json, asJson: boolean): string {
  try {
    if (!asJson) return runJsonPath(template, value as never);
    return `${kubeJson(findJsonPath(template, value as never) as unknown as Json)}\n`;
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new KubectlError(
      `error: error executing jsonpath ${JSON.stringify(text)}: Error executing template: ${error.message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${text}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(value)}\n\n`,
    );
  }
}

/** `{.a}`, `{a}`, `.a`, `a` → `{.a}`. */
export function relaxed(text: string): Template {
  const match = /^(?:\{\.?([^{}]+)\}|\.?([^{}]+))$/.exec(text);
  if (!match)
    throw new KubectlError(
      `error: unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    );
  return parse(`{.${match[1] ?? match[2]}}`);
}

function customColumns(name: string, argument: string | undefined, cwd: string, headers: boolean): ObjectPrinter {
  if (argument === undefined || argument === '')
    throw new KubectlError('error: custom-columns format specified but no custom columns given');
  const specs = name === 'custom-columns' ? specsOf(argument) : specsOfFile(readTemplate(argument, cwd, 'template'));
  const columns = specs.map(([header, path]) => ({header, template: relaxed(path)}));
  const cells = (texts: readonly string[]) => `${texts.map(sanitize).join('\t')}\n`;
  const header = headers ? cells(columns.map((column) => column.header)) : '';
  const line = (item: Json) => cells(columns.map(({template}) => cell(template, item)));
  return {
    each: false,
    table: {header, line},
    print(value) {
      const items =
        isRecord(value) && Array.isArray(value.items) && value.kind === 'List'
          ? (value.items as readonly Json[])
          : [value];
      return tabwriter(header + items.map(line).join(''), {minWidth: 6, padding: 3});
    },
  };
}

function specsOf(text: string): [string, string][] {
  return text.split(',').map((part) => {
    const colon = part.indexOf(':');
    if (colon < 0)
      throw new KubectlError(`error: unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return [part.slice(0, colon), part.slice(colon + 1)];
  });
}

/** Two lines: headers, and the paths below them. */
function specsOfFile(text: string): [string, string][] {
  const [headers = '', paths = ''] = text.split('\n');
  const words = (line: string) => line.trim().split(/\s+/);
  const [names, exprs] = [words(headers), words(paths)];
  if (names.length !== exprs.length || names[0] === '')
    throw new KubectlError(
      `error: number of headers (${names.length}) and field specifications (${exprs.length}) don't match`,
    );
  return names.map((header, i) => [header, exprs[i] ?? '']);
}

function cell(template: Template, item: Json): string {
  let values: readonly unknown[];
  try {
    values = findJsonPath(template, item as never);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new KubectlError(`error: ${error.message}`);
  }
  return values.length === 0 ? '<none>' : values.map((value) => goText(value as Json)).join(',');
}

/** fmt's %#v. */
function goSyntax(value: Json): string {
  if (value === null) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${(value as readonly Json[]).map(goSyntax).join(', ')}}`;
  if (!isRecord(value)) return typeof value === 'string' ? JSON.stringify(value) : String(value);
  const fields = Object.keys(value).sort();
  return `map[string]interface {}{${fields.map((key) => `${JSON.stringify(key)}:${goSyntax(value[key] ?? null)}`).join(', ')}}`;
}

/** fmt's %v. */
function goText(value: Json): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(goText).join(' ')}]`;
  if (!isRecord(value)) return String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${goText(value[key] ?? null)}`).join(' ')}]`;
}

/** Objects → what a printer is given: the only one by itself, else a List. */
export function listOf(items: readonly KubeObject[], single: boolean): Json {
  const [only] = items;
  if (single && only && items.length === 1) return plain(only);
  return {apiVersion: 'v1', items: items.map(plain), kind: 'List', metadata: {resourceVersion: ''}};
}
