import { appOf, type Change, type StepDraft } from '../../engine/index.ts';
import { censusIn } from './census.ts';
import { compile } from './compile.ts';
import { type Context, factsOf, step } from './draft-steps.ts';
import { account } from './kinds/account.ts';
import { calledMade, listed, type Made } from './made.ts';
import { type AccountSpec, isKind } from './spec.ts';

interface Drafts {
  readonly give: readonly StepDraft[];
  readonly take: readonly StepDraft[];
}

/**
 * An account of an app that is still in the manifest under other names or hosts. Nobody logs in with it any more. What has it
 * as definer runs with its rights: as long as there is such a thing, it keeps what the live login has.
 */
export function leftoverDrafts(change: Change, context: Context): Drafts {
  const { observed } = change;
  const app = appOf(change);
  const { placements, readers } = context.input;
  const inUse = placements.some((one) => one.app === app) || readers.some((one) => one.name === app);
  if (!observed || !inUse || !isKind(observed, 'account')) return { give: [], take: [] };
  const { spec, address } = observed;
  const made = censusIn(context.observation).made.filter(({ definer }) => definer === address.name);
  const moves = account.moves(address.name, spec, closed(spec, app, made, context), factsOf(context), null);
  const facts = { account: address.name, ...(made.length > 0 ? { definerOf: listed(made.map(calledMade)) } : {}) };
  const base = { address, app, action: 'update' as const, facts };
  const give =
    moves.give.length === 0
      ? []
      : [step({ ...base, part: 'give', title: 'keep rights of a closed account that is a definer', statements: moves.give, risk: 'safe' })];
  const title = made.length > 0 ? 'close account that stays as a definer' : 'close account that is no longer used';
  const take = moves.take.length === 0 ? [] : [step({ ...base, part: 'take', title, statements: moves.take, risk: 'access-reducing' })];
  return { give, take };
}

function closed(spec: AccountSpec, app: string | null, made: readonly Made[], { input }: Context): AccountSpec {
  const live = compile(input).resources.find((one) => one.app === app && isKind(one, 'account') && !one.spec.locked);
  const keeps = made.length > 0 && live && isKind(live, 'account') ? live.spec : null;
  return {
    ...spec,
    locked: true,
    own: keeps?.own ?? null,
    grants: keeps?.grants ?? {},
    roles: [],
    proxies: [],
    members: [],
    secret: null,
    adopt: false,
  };
}
