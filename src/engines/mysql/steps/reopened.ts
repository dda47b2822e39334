import { appOf } from '../../../engine/index.ts';
import type { Observed } from '../../../model/index.ts';
import { type Context, factsOf, step } from './draft-steps.ts';
import { accountEffects, keptEffects, outsiderEffects } from './effects.ts';
import { account, takesOf } from '../kinds/account.ts';
import { outsiderFields, outsiderStatements } from '../kinds/database.ts';
import type { Taking } from '../losses/losses.ts';
import { lookUp } from '../../../util/record.ts';
import { namesOf } from '../names.ts';
import { censusIn } from '../observe/census.ts';
import { namedIn } from '../retire/retire.ts';
import { type AccountSpec, type DatabaseSpec, isKind, type RetiredSpec } from '../spec.ts';

/** True where nobody gets in by it: locked, without rights of its own or of others. */
function isShut({ locked, grants, roles, proxies, members }: AccountSpec): boolean {
  return locked && [...Object.keys(grants), ...roles, ...proxies, ...members].length === 0;
}

/** An app that was retired and then opened by hand, its accounts or its database, is closed again. */
export function reopenedSteps(context: Context): readonly Taking[] {
  const named = namedIn(context);
  const retired = context.observation.resources.filter((one): one is Observed<RetiredSpec> => isKind(one, 'retired') && one.owned);
  return retired.flatMap((one) => {
    const app = appOf({ desired: null, observed: one, fields: [] });
    if (app === null || named.has(app)) return [];
    return [...shutAccount(one, app, context), ...shutDatabase(one, app, context)];
  });
}

/** What somebody whom the manifest names no more keeps in the database of an app that goes with the same plan. */
export function leavingSteps(context: Context): readonly Taking[] {
  const named = namedIn(context);
  return context.observation.resources.flatMap((one): readonly Taking[] => {
    if (!isKind(one, 'database') || !one.owned || one.app === null || named.has(one.app)) return [];
    const fields = outsiderFields(one.spec, factsOf(context));
    if (fields.length === 0) return [];
    const { cause: _, ...base } = about(context, 'database', one.address.name, one.app);
    const { commands, effects } = withoutOutsiders(one.spec, context);
    const draft = step({ ...base, title: 'revoke access of others to the database of an app that is retired', fields, commands });
    return [{ draft, effects }];
  });
}

/** What others were granted in a database before an apply makes it. */
export function comingSteps(context: Context): readonly Taking[] {
  const { coming } = censusIn(context.observation);
  return context.input.placements.flatMap(({ app, placement }): readonly Taking[] => {
    const { database } = namesOf(app, placement);
    const spec = lookUp(coming, database);
    if (!spec || Object.keys(spec.outsiders).length === 0) return [];
    const { commands, effects } = withoutOutsiders(spec, context);
    const draft = step({
      address: { engine: 'mysql', instance: context.input.name, kind: 'database', name: database },
      app,
      part: 'take',
      action: 'update',
      title: 'revoke access of others to the database',
      facts: { database },
      fields: outsiderFields(spec, factsOf(context)),
      commands,
      risk: 'access-reducing',
    });
    return [{ draft, effects }];
  });
}

function shutAccount({ spec }: Observed<RetiredSpec>, app: string, context: Context): readonly Taking[] {
  const is = spec.account;
  if (is === null || isShut(is)) return [];
  const shut = { ...is, locked: true, grants: {}, own: null, roles: [], proxies: [], members: [], secret: null, adopt: false };
  const { revokes } = account.statements(spec.was, is, shut, factsOf(context), null);
  const draft = step({
    ...about(context, 'account', spec.was, app),
    title: 'close account of a retired app again',
    fields: account.diff(shut, is, factsOf(context)).filter(takesOf),
    commands: revokes,
  });
  return [{ draft, effects: accountEffects(is, {}, true) }];
}

function shutDatabase({ spec }: Observed<RetiredSpec>, app: string, context: Context): readonly Taking[] {
  const fields = outsiderFields(spec, factsOf(context));
  if (fields.length === 0) return [];
  const { commands, effects } = withoutOutsiders(spec, context);
  const draft = step({
    ...about(context, 'database', spec.was, app),
    title: 'revoke access of others to the database of a retired app',
    fields,
    commands,
  });
  return [{ draft, effects }];
}

function withoutOutsiders(spec: Pick<DatabaseSpec, 'outsiders' | 'kept'>, context: Context) {
  const { grants, revokes } = outsiderStatements(spec, factsOf(context));
  return { commands: [...grants, ...revokes], effects: [...keptEffects(spec.kept), ...outsiderEffects(spec.outsiders)] };
}

function about({ input }: Context, kind: string, name: string, app: string) {
  return {
    address: { engine: 'mysql', instance: input.name, kind, name },
    app,
    part: 'shut',
    action: 'update',
    facts: { app, [kind]: name },
    risk: 'access-reducing',
    cause: 'drift',
  } as const;
}
