/** What pictures are held against: an XML parser that is not ours, the forms of Mermaid's lines. */
import {execFileSync} from 'node:child_process';

const PARSE = 'import sys, xml.parsers.expat as e; e.ParserCreate().Parse(sys.stdin.buffer.read(), True)';

/** Throws where an XML parser does. */
export function parseXml(text: string): void {
  execFileSync('/usr/bin/python3', ['-c', PARSE], {input: text, stdio: ['pipe', 'pipe', 'pipe']});
}

/** Inside of quotes the flowchart grammar takes anything but a quote; `#…;` is an entity. */
const quoted = '"[^"\\n]*"';
const id = '[A-Za-z][A-Za-z0-9_]*';
const flowchart = [
  /^%% [^\n]*$/,
  /^flowchart (TB|LR)$/,
  new RegExp(`^ *subgraph ${id}\\[${quoted}\\]$`),
  /^ *end$/,
  new RegExp(`^ *${id}(\\[${quoted}\\]|\\(\\[${quoted}\\]\\)|\\{\\{${quoted}\\}\\}|\\(\\(${quoted}\\)\\)):::[a-z]+$`),
  /^ {2}classDef [a-z]+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}$/,
  new RegExp(`^ *${id} (-->|-\\.->|===|==>)(\\|${quoted}\\|)? ${id}$`),
];

/** Lines of a flowchart that have no form of the grammar. */
export function badFlowchartLines(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => !flowchart.some((form) => form.test(line)));
}

const words = '[^#;\\n]+';
const sequence = [
  /^%% [^\n]*$/,
  /^sequenceDiagram$/,
  /^ {2}autonumber$/,
  new RegExp(`^ {2}participant p\\d+ as ${words}$`),
  new RegExp(`^ {2}p\\d+(->>|-x)p\\d+: ${words}$`),
  new RegExp(`^ {2}Note over p\\d+(,p\\d+)?: ${words}$`),
];

/** Lines of a sequence diagram that have no form of the grammar. */
export function badSequenceLines(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => !sequence.some((form) => form.test(line)));
}
