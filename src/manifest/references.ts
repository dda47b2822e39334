import type { ReaderInput, ShareInput } from '../engine/index.ts';
import type { Path } from '../model/index.ts';
import type { AppNode } from './apps.ts';
import type { Findings } from './findings.ts';
import { quoteText } from './frame.ts';
import { addUnknown, checkName } from './names.ts';
import { entriesOf, isFailed, member, type Node, pathText, textsOf } from './node.ts';
import { sortByNeeds } from './order.ts';

export interface OrderedApp {
  readonly app: AppNode;
  readonly after: readonly string[];
}

/** Apps so that each comes after those in its `after`. Unknown names, cycles and apps after themselves are findings. */
export function orderApps(apps: readonly AppNode[], findings: Findings): readonly OrderedApp[] {
  const byName = new Map(apps.map((app) => [app.name, app]));
  const names = [...byName.keys()];
  const needs = new Map<string, readonly string[]>();
  for (const app of apps) {
    const after = textsOf(member(app.node, 'after'));
    for (const item of after) {
      const path = [...app.path, 'after', item.index];
      if (item.text === app.name) {
        findings.add({
          code: 'CT1207',
          message: `The app ${quoteText(app.name)} is listed in its own \`after\`.`,
          span: item.node.span,
          path,
          expected: 'another app',
          hint: 'Remove it from the list.',
        });
      } else if (!byName.has(item.text)) {
        addUnknown('CT1204', 'app', { name: item.text, span: item.node.span, where: pathText(path.slice(0, -1)), path }, names, findings);
      }
    }
    needs.set(app.name, [...new Set(after.map((item) => item.text).filter((name) => name !== app.name))]);
  }
  const { sorted, cycles } = sortByNeeds(names, needs);
  for (const cycle of cycles) addCycle(cycle, byName, findings);
  return sorted.flatMap((name) => {
    const app = byName.get(name);
    return app ? [{ app, after: needs.get(name) ?? [] }] : [];
  });
}

function addCycle(cycle: readonly string[], apps: ReadonlyMap<string, AppNode>, findings: Findings): void {
  const app = apps.get(cycle.at(-2) ?? '');
  const item = textsOf(member(app?.node, 'after')).find((one) => one.text === cycle.at(-1));
  if (!app || !item) return;
  findings.add({
    code: 'CT1206',
    message: `The \`after\` lists form a cycle: ${cycle.join(' after ')}.`,
    span: item.node.span,
    path: [...app.path, 'after', item.index],
    expected: 'an order in which one of them comes first',
    hint: `Remove one of them from its \`after\`, for example ${quoteText(item.text)} here.`,
  });
}

/** Checks names and apps of the readers. */
export function checkReaders(root: Node, apps: ReadonlySet<string>, findings: Findings): void {
  for (const [name, entry] of entriesOf(member(root, 'readers'))) {
    const path = ['readers', name];
    checkName(name, 'reader', entry.keySpan, findings);
    if (apps.has(name)) {
      const hint = 'Rename one of them: each gets its own logins.';
      findings.add({
        code: 'CT1202',
        message: `There is an app and a reader called ${quoteText(name)}.`,
        span: entry.keySpan,
        path,
        expected: 'different names',
        hint,
      });
    }
    for (const item of textsOf(member(entry.node, 'reads'))) {
      if (apps.has(item.text)) continue;
      addUnknown(
        'CT1204',
        'app',
        { name: item.text, span: item.node.span, where: pathText([...path, 'reads']), path: [...path, 'reads', item.index] },
        [...apps],
        findings,
      );
    }
  }
}

/** Checks that both ends of each share exist, differ and meet on an instance. */
export function checkShares(root: Node, uses: ReadonlyMap<string, ReadonlySet<string>>, findings: Findings): void {
  const shares = member(root, 'shares');
  const items = shares?.kind === 'list' ? shares.items : [];
  for (const [index, share] of items.entries()) {
    const from = checkEnd(share, ['shares', index, 'from'], uses, findings);
    const to = checkEnd(share, ['shares', index, 'to'], uses, findings);
    if (from === null || to === null) continue;
    const path = ['shares', index];
    if (from === to) {
      findings.add({
        code: 'CT1207',
        message: `The app ${quoteText(from)} shares tables with itself.`,
        span: share.span,
        path,
        expected: 'another app',
        hint: 'Name another app in `to`, or remove the share.',
      });
    } else if (![...(uses.get(from) ?? [])].some((instance) => uses.get(to)?.has(instance))) {
      const message = `The apps ${quoteText(from)} and ${quoteText(to)} have no instance in common, so ${pathText(path)} is not possible.`;
      findings.add({
        code: 'CT1208',
        message,
        span: share.span,
        path,
        expected: 'two apps on one instance',
        hint: 'Put both on one instance, or remove the share.',
      });
    }
  }
}

function checkEnd(share: Node, path: Path, uses: ReadonlyMap<string, unknown>, findings: Findings): string | null {
  const node = member(share, String(path.at(-1)));
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || isFailed(node)) return null;
  if (uses.has(node.value)) return node.value;
  addUnknown('CT1204', 'app', { name: node.value, span: node.span, where: pathText(path), path }, [...uses.keys()], findings);
  return null;
}

export interface ReaderShape {
  readonly reads: readonly string[];
  readonly connections?: number | undefined;
}

/** The readers of one instance: those that read an app which lives on it, with these apps only. */
export function readersOn(readers: Readonly<Record<string, ReaderShape>>, apps: ReadonlySet<string>): readonly ReaderInput[] {
  return Object.entries(readers).flatMap(([name, reader]) => {
    const reads = [...new Set(reader.reads)].filter((app) => apps.has(app));
    return reads.length === 0 ? [] : [{ name, reads, connections: reader.connections ?? null, path: ['readers', name] }];
  });
}

export interface ShareShape {
  readonly from: string;
  readonly to: string;
  readonly tables: readonly string[];
  readonly columns?: readonly string[] | undefined;
  readonly via: 'grant' | 'api';
}

/** The shares of one instance: those between two apps that live on it. */
export function sharesOn(shares: readonly ShareShape[], apps: ReadonlySet<string>): readonly ShareInput[] {
  return shares.flatMap((share, index) =>
    apps.has(share.from) && apps.has(share.to) ? [{ ...share, columns: share.columns ?? null, path: ['shares', index] }] : [],
  );
}
