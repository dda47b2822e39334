import { appOf, type Change, halves } from '../../../engine/index.ts';
import { censusIn } from '../observe/census.ts';
import { compile } from '../compile/compile.ts';
import { type Context, factsOf, step } from '../steps/draft-steps.ts';
import { accountEffects } from '../steps/effects.ts';
import { account, takesOf, wantedGrants } from '../kinds/account.ts';
import { calledMade, listed, type Made } from '../observe/made.ts';
import { type AccountSpec, isKind } from '../spec.ts';
import type { Drafts } from '../steps/steps.ts';

const NOTHING: Drafts = { grants: [], given: [], revokes: [] };

/**
 * An account of an app that is still in the manifest under other names or hosts. Nobody logs in with it any more. What has it
 * as definer runs with its rights: as long as there is such a thing, it keeps what the live login has.
 */
export function leftoverDrafts(change: Change, context: Context): Drafts {
  const { observed } = change;
  const app = appOf(change);
  const { placements, readers } = context.input;
  const inUse = placements.some((one) => one.app === app) || readers.some((one) => one.name === app);
  if (!observed || !inUse || !isKind(observed, 'account')) return NOTHING;
  const { spec, address } = observed;
  const made = censusIn(context.observation).made.filter((one) => one.asDefiner && one.definer === address.name);
  const to = closed(spec, app, made, context);
  const facts = factsOf(context);
  const statements = account.statements(address.name, spec, to, facts, null);
  const shown = { account: address.name, ...(made.length > 0 ? { definerOf: listed(made.map(calledMade)) } : {}) };
  const base = { address, app, action: 'update' as const, facts: shown };
  const keeping = { ...base, part: 'give', title: 'keep privileges of a closed account that is a definer', risk: 'safe' as const };
  const title = made.length > 0 ? 'close account that remains as a definer' : 'close unused account';
  const closing = { ...base, part: 'take', title, risk: 'access-reducing' as const };
  const grants = wantedGrants(to, facts);
  const { given, taken } = halves(account.diff(to, spec, facts), takesOf);
  return {
    grants: statements.grants.length === 0 ? [] : [step({ ...keeping, fields: given, commands: statements.grants })],
    given: [],
    revokes:
      statements.revokes.length === 0
        ? []
        : [{ draft: step({ ...closing, fields: taken, commands: statements.revokes }), effects: accountEffects(spec, grants, true) }],
  };
}

function closed(spec: AccountSpec, app: string | null, made: readonly Made[], { input }: Context): AccountSpec {
  const live = compile(input).resources.find((one) => one.app === app && isKind(one, 'account') && !one.spec.locked);
  const keeps = made.length > 0 && live && isKind(live, 'account') ? live.spec : null;
  return {
    ...spec,
    locked: true,
    // Whatever its login was called: what it made may be a trigger or an event.
    own: keeps?.own ? { ...keeps.own, as: 'owner', events: keeps.own.events || made.some(({ what }) => what === 'EVENT') } : null,
    grants: keeps?.grants ?? {},
    roles: [],
    proxies: [],
    members: [],
    secret: null,
    adopt: false,
  };
}
