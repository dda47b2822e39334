import { type StepDraft, draftStep } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import type { Context } from './draft-steps.ts';
import { emptyLedger, hasLedger, ledgerName } from '../marks/ledger.ts';
import { marked, writeMark } from '../marks/mark.ts';
import { ident, literal } from '../quote.ts';
import { isKind } from '../spec.ts';
import { SHARED } from '../connect/lanes.ts';

/** Makes the ledger where something is done and it is not there: what an apply has to remember has a place from the start. */
export function makeLedger(context: Context): StepDraft {
  const name = ledgerName(context.input.project);
  return ledgerStep(
    {
      part: 'make',
      action: 'create',
      title: 'create ledger',
      commands: [`CREATE ROLE ${ident(name)} NOLOGIN NOINHERIT`, comment(name, emptyLedger(context.input.project))],
      reverse: [`DROP ROLE ${ident(name)}`],
      needs: [],
    },
    context,
  );
}

/** Writes down that all that serves several apps is done. `drafts`: of the same plan. */
export function markShared(drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const { input, observation, hashes } = context;
  const applied = hashes.get('');
  const makes = drafts.some(({ address }) => address.kind === 'ledger');
  const known = observation.marks.find((one) => one.app === '')?.applied ?? null;
  if (applied === undefined || (!makes && (known === applied || !hasLedger(observation, input.project)))) return [];
  const name = ledgerName(input.project);
  const ledger = observation.resources.find((one) => isKind(one, 'role') && one.address.name === name);
  const text = ledger && isKind(ledger, 'role') ? ledger.spec.text : undefined;
  return [
    ledgerStep(
      {
        part: 'mark',
        action: 'run',
        title: 'record the revision of shared objects',
        commands: [comment(name, marked(text, writeMark({ project: input.project, app: null, shared: applied })))],
        reverse: [comment(name, marked(text, emptyLedger(input.project)))],
        needs: drafts.filter(({ app }) => app === null).map(({ id }) => id),
      },
      context,
    ),
  ];
}

/** CT2005 where somebody else's role has the ledger's name. */
export function judgeLedger({ input, observation }: Context): readonly Diagnostic[] {
  const name = ledgerName(input.project);
  if (!observation.foreign.some(({ address }) => address.kind === 'role' && address.name === name)) return [];
  return [
    {
      code: 'CT2005',
      severity: 'error',
      message: `role "${name}" exists on "${input.name}" and is not cotenant's: what is shared by the apps is noted on a role of that name`,
      hint: 'rename that role, or this project',
      instance: input.name,
    },
  ];
}

interface Part {
  readonly part: string;
  readonly action: StepDraft['action'];
  readonly title: string;
  readonly commands: readonly string[];
  readonly reverse: readonly string[];
  readonly needs: readonly string[];
}

function ledgerStep({ commands, reverse, ...rest }: Part, { input }: Context): StepDraft {
  return draftStep({
    ...rest,
    address: { engine: 'postgres', instance: input.name, kind: 'ledger', name: ledgerName(input.project) },
    app: null,
    commands: commands.map((text) => ({ text })),
    reverse: reverse.map((text) => ({ text })),
    risk: 'safe',
    // What cotenant keeps for itself is nobody's drift.
    cause: 'intended',
    lane: SHARED,
    unit: `ledger:${rest.part}`,
  });
}

function comment(name: string, text: string): string {
  return `COMMENT ON ROLE ${ident(name)} IS ${literal(text)}`;
}
