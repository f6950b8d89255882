/** A picture in the languages of other programs: Mermaid, Graphviz, draw.io, JSON. */
import {sanitize} from '../../term/sanitize.js';
import {escapeXml} from '../svg.js';
import {type Area, layout} from './layout.js';
import {type Band, type Box, type BoxKind, count, type Edge, type EdgeKind, type Graph, type Group} from './model.js';

/** Colours of boxes on white. */
const fills: Readonly<Record<BoxKind, string>> = {
  service: '#fff8c5',
  pod: '#dafbe1',
  tunnel: '#fbefff',
  node: '#ddf4ff',
  outside: '#ffebe9',
  workload: '#dafbe1',
  step: '#ddf4ff',
  layer: '#ddf4ff',
};

const mermaidShapes: Readonly<Record<BoxKind, readonly [string, string]>> = {
  service: ['([', '])'],
  pod: ['[', ']'],
  tunnel: ['{{', '}}'],
  node: ['[', ']'],
  outside: ['((', '))'],
  workload: ['[', ']'],
  step: ['[', ']'],
  layer: ['[', ']'],
};
const mermaidArrows: Readonly<Record<EdgeKind, string>> = {
  backend: '-->',
  runs: '-.->',
  tunnel: '===',
  reach: '-->',
  step: '==>',
};

/** What mermaid.js draws unless its page allows more: packages/mermaid/src/defaultConfig.ts (11). */
const mermaidMost = {edges: 500, characters: 50_000};

/** Graphviz and Mermaid put the boxes of a band next to each other, however many: a picture that would get wider than this lies on its side. */
const ABREAST = 12;

function direction(graph: Graph): 'LR' | 'TB' {
  const broad = ({groups}: Band) => groups.reduce((sum, {boxes}) => sum + boxes.length, 0) > ABREAST;
  return graph.bands.some(broad) ? 'LR' : 'TB';
}

/** Flowchart grammar: mermaid packages/mermaid/src/diagrams/flowchart/parser/flow.jison (11). */
export function graphMermaid(graph: Graph): string {
  const box = ({id, kind, title, lines}: Box, indent: string) => {
    const [open, close] = mermaidShapes[kind];
    return `${indent}${id}${open}"${[title, ...lines].map(mermaidText).join('<br/>')}"${close}:::${kind}`;
  };
  const group = ({id, title, boxes}: Group): string[] =>
    title === undefined
      ? boxes.map((one) => box(one, '    '))
      : [`    subgraph ${id}["${mermaidText(title)}"]`, ...boxes.map((one) => box(one, '      ')), '    end'];
  const band = ({id, title, groups}: Band): string[] => [
    `  subgraph band_${id}["${mermaidText(title)}"]`,
    ...groups.flatMap(group),
    '  end',
  ];
  const arrow = ({from, to, kind, label}: Edge) =>
    `  ${from} ${mermaidArrows[kind]}${label === '' ? '' : `|"${mermaidText(label)}"|`} ${to}`;
  const kinds = new Set(graph.bands.flatMap(({groups}) => groups.flatMap(({boxes}) => boxes.map(({kind}) => kind))));
  const drawn = [
    `flowchart ${direction(graph)}`,
    ...graph.bands.flatMap(band),
    ...graph.edges.map(arrow),
    ...[...kinds].map((kind) => `  classDef ${kind} fill:${fills[kind]},stroke:#8c959f,color:#1b1f24`),
  ];
  const notes = [...graph.notes, ...tooMuch(graph, text(drawn).length)];
  return text([...notes.map((note) => `%% ${sanitize(note).replaceAll('%', ' ').replaceAll('{', '(')}`), ...drawn]);
}

function tooMuch({edges}: Graph, characters: number): string[] {
  const {edges: arrows, characters: most} = mermaidMost;
  if (edges.length <= arrows && characters <= most) return [];
  return [
    `mermaid draws ${count(arrows, 'arrow')} and ${count(most, 'character')} unless maxEdges and maxTextSize allow more`,
  ];
}

/**
 * Inside of quotes: what the grammar or HTML would take for its own, as entity codes. The words that begin a style too, since on
 * their lines mermaid takes the last `;` away (encodeEntities of utils.ts).
 */
function mermaidText(words: string): string {
  const entity = (character: string) => `#${character.charCodeAt(0)};`;
  return (
    sanitize(words)
      .replace(/[#"&<>`\\;{}[\]()|%*_]/g, entity)
      .replace(/(?<=styl)e|(?<=classDe)f/g, entity) || ' '
  );
}

const dotEdges: Readonly<Record<EdgeKind, string>> = {
  backend: 'color="#9a6700"',
  runs: 'style=dotted',
  tunnel: 'style=dashed, dir=none, color="#8250df"',
  reach: 'color="#1a7f37"',
  step: 'color="#0969da"',
};

/** The dot language: graphviz.org/doc/info/lang.html. Groups and bands are clusters; an edge to one ends at its border. */
export function graphDot(graph: Graph): string {
  const first = new Map<string, string>();
  for (const {groups} of graph.bands)
    for (const {id, title, boxes} of groups) if (title !== undefined && boxes[0]) first.set(id, boxes[0].id);
  const box = ({id, kind, title, lines}: Box) =>
    `    ${id} [label=${dotText([title, ...lines])}, fillcolor="${fills[kind]}"];`;
  const group = ({id, title, boxes}: Group): string[] =>
    title === undefined
      ? boxes.map(box)
      : [`    subgraph cluster_${id} {`, `    label=${dotText([title])}; style=dashed;`, ...boxes.map(box), '    }'];
  const arrow = ({id, from, to, kind, label}: Edge) => {
    const heads = [
      ...(first.has(from) ? [`ltail=cluster_${from}`] : []),
      ...(first.has(to) ? [`lhead=cluster_${to}`] : []),
      ...(label === '' ? [] : [`label=${dotText([label])}`]),
    ];
    return `  ${first.get(from) ?? from} -> ${first.get(to) ?? to} [${[`id="${id}"`, dotEdges[kind], ...heads].join(', ')}];`;
  };
  return text([
    'digraph wirelay {',
    `  label=${dotText([graph.title, ...graph.notes])}; labelloc=t; compound=true; rankdir=${direction(graph)}; fontname="Helvetica";`,
    '  node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=11];',
    '  edge [fontname="Helvetica", fontsize=10];',
    ...graph.bands.flatMap(({id, title, groups}) => [
      `  subgraph cluster_band_${id} {`,
      `    label=${dotText([title])}; style="filled,rounded"; fillcolor="#f6f8fa"; color="#d0d7de";`,
      ...groups.flatMap(group),
      '  }',
    ]),
    ...graph.edges.map(arrow),
    '}',
  ]);
}

/** Escapes of label strings begin with a backslash: none of ours comes from a name. */
function dotText(lines: readonly string[]): string {
  return `"${lines.map((line) => sanitize(line).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;')).join('\\n')}"`;
}

const drawioBox = 'rounded=1;whiteSpace=wrap;html=0;align=left;spacingLeft=6;fontSize=11;';
const drawioGroup =
  'rounded=1;whiteSpace=wrap;html=0;verticalAlign=top;align=left;spacingLeft=6;container=1;collapsible=0;';

/** mxGraphModel of draw.io: cells 0 and 1 are the root and its layer; positions are relative to the parent. */
export function graphDrawio(graph: Graph): string {
  const {width, height, bands, areas} = layout(graph);
  const cells: string[] = [];
  const vertex = (
    id: string,
    label: string,
    style: string,
    parent: string,
    {x, y, ...size}: Area,
    origin: Area | undefined,
  ) => {
    const [left, top] = [x - (origin?.x ?? 0), y - (origin?.y ?? 0)];
    cells.push(
      `<mxCell id="${id}" value="${escapeXml(label).replaceAll('\n', '&#10;')}" style="${style}" vertex="1" parent="${parent}">`,
      `  <mxGeometry x="${left}" y="${top}" width="${size.width}" height="${size.height}" as="geometry"/>`,
      '</mxCell>',
    );
  };
  for (const band of bands) {
    const id = `band_${band.band.id}`;
    vertex(
      id,
      band.band.title,
      `${drawioGroup}fillColor=#f6f8fa;strokeColor=#d0d7de;fontStyle=1;`,
      '1',
      band,
      undefined,
    );
    for (const placed of band.groups) {
      const {group, boxes} = placed;
      const titled = group.title !== undefined;
      if (titled) vertex(group.id, group.title ?? '', `${drawioGroup}dashed=1;`, id, placed, band);
      for (const {box, ...area} of boxes)
        vertex(
          box.id,
          [box.title, ...box.lines].map(sanitize).join('\n'),
          `${drawioBox}fillColor=${fills[box.kind]};`,
          titled ? group.id : id,
          area,
          titled ? placed : band,
        );
    }
  }
  for (const {id, from, to, kind, label} of graph.edges)
    if (areas.has(from) && areas.has(to))
      cells.push(
        `<mxCell id="${id}" value="${escapeXml(label)}" style="html=0;fontSize=10;${kind === 'tunnel' ? 'dashed=1;endArrow=none;' : kind === 'runs' ? 'dashed=1;' : ''}" edge="1" parent="1" source="${from}" target="${to}">`,
        '  <mxGeometry relative="1" as="geometry"/>',
        '</mxCell>',
      );
  return text([
    '<mxfile host="wirelay">',
    `<diagram id="wirelay" name="${escapeXml(graph.title)}">`,
    `<mxGraphModel dx="${width}" dy="${height}" grid="1" gridSize="10" guides="1" tooltips="1" connect="1" arrows="1" fold="1" page="0">`,
    '<root>',
    '<mxCell id="0"/>',
    '<mxCell id="1" parent="0"/>',
    ...cells,
    '</root>',
    '</mxGraphModel>',
    '</diagram>',
    '</mxfile>',
  ]);
}

/** As it is: renderers read no more than this. */
export function graphJson({title, description, bands, edges, notes}: Graph): string {
  return `${JSON.stringify({schemaVersion: 1, title, description, bands, edges, notes}, null, 2)}\n`;
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
