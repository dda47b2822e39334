/** What a command printed at a terminal, and how it was called. */
export interface Shown {
  readonly command: string;
  /** With the escapes of its colours. */
  readonly output: string;
}

const colours: Readonly<Record<string, string>> = { '31': '#ff7b72', '32': '#7ee787', '33': '#e3b341', '36': '#79c0ff' };
const LINE = 18;
const COLUMN = 8.4;
const PAD = 16;

/** A terminal with commands and what they printed, as SVG. Same text, same bytes. */
export function picture(shown: readonly Shown[]): string {
  const lines = shown
    .flatMap(({ command, output }) => [`\u001B[1m$ ${command}\u001B[22m`, ...output.trimEnd().split('\n'), ''])
    .slice(0, -1);
  const columns = Math.max(...lines.map((line) => plain(line).length));
  const width = Math.ceil(columns * COLUMN + 2 * PAD);
  const height = lines.length * LINE + 2 * PAD;
  const rows = lines.map((line, at) => `<text x="${PAD}" y="${PAD + (at + 0.75) * LINE}">${spans(line)}</text>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(shown.map(({ command }) => command).join(', '))}">`,
    '<style>text { font: 14px ui-monospace, Menlo, Consolas, monospace; fill: #e6edf3; white-space: pre }</style>',
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    ...rows,
    '</svg>\n',
  ].join('\n');
}

function plain(line: string): string {
  return line.replaceAll(/\u001B\[[0-9;]*m/g, '');
}

function spans(line: string): string {
  let style = '';
  return line
    .split(/(\u001B\[[0-9;]*m)/)
    .map((part) => {
      const code = /^\u001B\[([0-9;]*)m$/.exec(part)?.[1];
      if (code === undefined) return part === '' ? '' : style === '' ? escaped(part) : `<tspan ${style}>${escaped(part)}</tspan>`;
      const colour = colours[code];
      if (colour !== undefined) style = `fill="${colour}"`;
      else if (code === '1') style = 'font-weight="bold"';
      else if (code === '2') style = 'opacity="0.6"';
      else style = '';
      return '';
    })
    .join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
