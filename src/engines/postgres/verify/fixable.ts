import type { Fact, Findings, Stuck } from '../../../engine/index.ts';
import type { Place, CatalogSnapshot } from './catalog-snapshot.ts';

/** Where a check puts what it finds. */
export type Sink = Pick<Findings, 'add' | 'unproven' | 'judged'>;

/**
 * Findings about something that may not be this project's to change: nothing is offered for them there. They say why, and
 * whose it is to close.
 */
class BarredSink implements Sink {
  readonly #findings: Sink;
  readonly #bar: Stuck;

  constructor(findings: Sink, bar: Stuck) {
    this.#findings = findings;
    this.#bar = bar;
  }

  get judged(): number {
    return this.#findings.judged;
  }

  set judged(count: number) {
    this.#findings.judged = count;
  }

  add(id: string, fact: Fact): void {
    const offers = (fact.fix ?? []).length > 0;
    this.#findings.add(id, offers && (fact.stuck ?? null) === null ? { ...fact, stuck: this.#bar } : fact);
  }

  unproven(...gap: Parameters<Findings['unproven']>): void {
    this.#findings.unproven(...gap);
  }
}

function bar(why: string): Stuck {
  return { accepted: false, why };
}

export function barred(findings: Sink, why: Stuck | null): Sink {
  return why === null ? findings : new BarredSink(findings, why);
}

/** Why nothing is taken, given or changed in a database or on it; null: it is this project's, or of none as the two that every server has. */
export function barOfPlace({ input }: CatalogSnapshot, place: Place): Stuck | null {
  const { kind, database, mark, ours } = place;
  if (ours || kind === 'maintenance') return null;
  if (mark !== null && mark.project !== input.project)
    return bar(
      `Database "${database}" belongs to project "${mark.project}": ${kind === 'other' ? 'an apply of that project closes it' : 'set a different name in this app’s placement'}.`,
    );
  if (kind === 'other')
    return input.config.foreignDatabases === 'close'
      ? null
      : bar(`Database "${database}" is not in the manifest: its owner can close it, or \`foreignDatabases: close\` on the instance.`);
  return bar(
    `Database "${database}" is not cotenant's: with \`adopt: true\` in the placement cotenant apply closes it, and says who loses what.`,
  );
}

/** The same for a role: its attributes, its settings, who is in it. */
export function barOfRole(snapshot: CatalogSnapshot, name: string): Stuck | null {
  const role = snapshot.roles.get(name);
  if (!role || snapshot.isOurs(name)) return null;
  if (role.mark !== null && role.mark.project !== snapshot.input.project)
    return bar(`Role "${name}" belongs to project "${role.mark.project}", which can change that.`);
  if (role.desired !== null)
    return bar(
      `Role "${name}" is not cotenant's: with \`adopt: true\` in the placement cotenant apply changes it, and says who loses what.`,
    );
  return bar(`Role "${name}" is nobody's here: whoever it belongs to can change that.`);
}

/** A membership is ours to end where one of the two is: neither the group nor the member of a stranger is. */
export function barOfMembership(snapshot: CatalogSnapshot, group: string, member: string): Stuck | null {
  return snapshot.isOurs(group) || snapshot.isOurs(member) ? null : (barOfRole(snapshot, group) ?? barOfRole(snapshot, member));
}

/** What holds for the whole server, or for everybody on it. */
export const OPERATORS_AFFAIR = bar('It holds for everybody on the server: the operator can change it.');
