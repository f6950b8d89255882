/** What the SVG images of all commands have in common: no script, no outside resource, light and dark by the reader's preference. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attributes. Characters that XML 1.0 §2.2 has no place for become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(
      /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '\ufffd',
    )
    .replace(/[&<>"']/g, (character) => entities[character]!);
}

export interface SvgPage {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** Said to those who do not see it. */
  readonly description?: string;
  readonly style: string;
  readonly body: readonly string[];
}

export function svgPage({width, height, title, description, style, body}: SvgPage): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    ...(description === undefined ? [] : [`<desc>${escapeXml(description)}</desc>`]),
    `<style>${style}</style>`,
    `<rect class="b" width="${width}" height="${height}"/>`,
    ...body,
    '</svg>\n',
  ].join('\n');
}

export type Anchor = 'middle' | 'end';

export function svgText(x: number, y: number, kind: string, text: string, anchor?: Anchor): string {
  return `<text class="${kind}" x="${x}" y="${y}"${anchor ? ` text-anchor="${anchor}"` : ''}>${escapeXml(text)}</text>`;
}

/** As many characters as fit of a name, `…` for its middle: what tells names apart often stands at their ends. */
export function shortenName(text: string, width: number): string {
  if (text.length <= width || width < 8) return shorten(text, width);
  const tail = Math.floor(width / 3);
  return `${text.slice(0, width - tail - 1)}…${text.slice(-tail)}`;
}

/** As many characters as fit, the last one `…` where something is left out. */
export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
