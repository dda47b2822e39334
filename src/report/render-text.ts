import type { FileReport, FileState } from '../model/index.ts';
import { prose } from './columns.ts';
import { document } from './documents/document.ts';
import { writeRender } from './documents/render.ts';
import { count, printable } from './printable.ts';
import { plain, type Style } from './style.ts';

interface Report {
  /** As it was given. */
  readonly out: string;
  readonly check: boolean;
  readonly files: readonly FileReport[];
  readonly notes: readonly string[];
}

const done: Readonly<Record<FileState, string>> = {
  same: 'unchanged',
  missing: 'written',
  stale: 'written anew',
  edited: 'changed by hand, kept',
  foreign: 'of somebody else, kept',
  exposed: 'closed: others could read it',
  left: 'of an earlier render, no longer made',
};

const asked: Readonly<Record<FileState, string>> = {
  same: 'unchanged',
  missing: 'missing',
  stale: 'out of date',
  edited: 'changed by hand',
  foreign: 'of somebody else',
  exposed: 'others can read it',
  left: 'of an earlier render, no longer made',
};

/** A line for each file that was not as it should be, with the lines that differ, and how many there are. Ends with a line end. */
export function renderText({ out, check, files }: Omit<Report, 'notes'>, style: Style = plain): string {
  const words = check ? asked : done;
  const other = files.filter(({ state }) => state !== 'same');
  const lines = other.flatMap(({ path, state, difference }) => [
    `${paint(state, style)(words[state])}  ${printable(`${out}/${path}`)}`,
    ...(difference === null || (!check && state === 'stale') ? [] : difference.split('\n').map((line) => `    ${printable(line)}`)),
  ]);
  const closing = other.length === 0 ? `${count(files.length, 'file')}, all as the manifest says.` : closingOf(files, check);
  return `${lines.length === 0 ? '' : `${lines.join('\n')}\n\n`}${style.bold(prose(closing, 0, style))}\n`;
}

function closingOf(files: readonly FileReport[], check: boolean): string {
  const of = (...states: readonly FileState[]): number => files.filter(({ state }) => states.includes(state)).length;
  const kept = of('edited', 'foreign');
  const written = of('missing', 'stale', 'exposed');
  const left = of('left');
  const parts = [
    `${count(files.length, 'file')}: ${written} ${check ? 'to be written' : 'written'}`,
    `${of('same')} unchanged`,
    ...(kept === 0 ? [] : [`${kept} kept as somebody made ${kept === 1 ? 'it' : 'them'}`]),
    ...(left === 0 ? [] : [`${left} no longer made`]),
  ];
  return `${parts.join(', ')}.`;
}

function paint(state: FileState, style: Style): (text: string) => string {
  if (state === 'same') return style.dim;
  return state === 'edited' || state === 'foreign' || state === 'exposed' ? style.warn : style.good;
}

export function renderJson({ out, check, files, notes }: Report): string {
  return document(writeRender({ format: 1, folder: out, written: !check, files, notes }));
}
