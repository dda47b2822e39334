import { otherProjects } from '../../../engine/index.ts';
import type { Diagnostic } from '../../../model/index.ts';
import { factsOf } from '../observe/server.ts';
import { isSeen } from '../spec.ts';
import { type Context, graphOf, ledgersOf, liveLedger, ownLedgers } from '../steps/draft-steps.ts';
import { userOf } from './draft.ts';

type Found = Omit<Diagnostic, 'severity' | 'instance'>;

/** What stands in the way: users of others under our names, and what is in the one database already. Errors stop the apply before its first statement. */
export function conflicts(context: Context): readonly Diagnostic[] {
  const { input } = context;
  const found = input.placements.flatMap((placed) => [
    ...claims(placed, context),
    ...tombstones(placed, context),
    ...strangeData(placed, context),
  ]);
  // What a retired app left lies in the same database.
  const theirs = ledgersOf(context).filter(({ mark }) => mark.project !== input.project && mark.app !== '');
  const [placed] = input.placements;
  const projects = placed
    ? otherProjects(
        theirs.map(({ mark }) => ({
          project: mark.project,
          what: `the only database (${mark.retired === undefined ? '' : 'retired '}app "${mark.app}")`,
          path: placed.path,
        })),
        { instance: input.name, rename: `give app "${placed.app}" an instance of its own` },
      )
    : [];
  return [...projects, ...found.map((one) => ({ severity: 'error' as const, ...one, instance: input.name }))];
}

type Placed = Context['input']['placements'][number];

function claims(placed: Placed, { input, observation }: Context): readonly Found[] {
  const user = userOf(placed);
  const what = `user "${user}" on "${input.name}"`;
  const { path, placement } = placed;
  if (user === factsOf(observation).user) {
    const message = `${what} is the user that cotenant itself logs in as: it would lock itself out`;
    return [{ code: 'CT2006', message, hint: 'set another `user` in the placement', path }];
  }
  const there = observation.resources.find((one) => one.address.name === user && isSeen(one, 'user'));
  if (!there || there.owned || (placement.adopt && placement.user !== undefined)) return [];
  if (placement.adopt) {
    const message = `${what} exists and may be somebody else's: nothing on the server says that it is app "${placed.app}"'s`;
    return [{ code: 'CT2005', message, hint: `if it is the app's, name it: \`user: ${user}\`; else give the app another one there`, path }];
  }
  const hint = 'add `adopt: true` to the placement to adopt it, or set another `user` for the app';
  return [{ code: 'CT2005', message: `${what} exists and is not cotenant's`, hint, path }];
}

/** The app itself, retired, and any other that has something there. */
function tombstones({ app, path }: Placed, context: Context): readonly Found[] {
  const { input } = context;
  if (liveLedger(app, context)) return [];
  const held = (graphOf(context)?.nodes ?? 0) > 0;
  return ownLedgers(context).flatMap(({ mark }): Found[] => {
    const { app: other, retired } = mark;
    if (other === app) {
      const message = `app "${app}" was retired on ${retired} and its data is still on "${input.name}"`;
      return [{ code: 'CT2007', message, hint: `cotenant restore-app ${app} brings it back; or choose another name for this app`, path }];
    }
    if (!held || other === '') return [];
    const whose = retired === undefined ? `app "${other}", which the manifest does not name any more,` : `the retired app "${other}"`;
    const message = `app "${app}" would get the database of "${input.name}", where the data of ${whose} still lies`;
    const hint = `give "${app}" an instance of its own; or delete what is there: apply without "${app}", then with \`removal: delete\` and --confirm=${other}`;
    return [{ code: 'CT2007', message, hint, path }];
  });
}

/** What nobody of ours has put there would be the app's, to read and to delete. */
function strangeData({ app, placement, path }: Placed, context: Context): readonly Found[] {
  const { input, observation } = context;
  const known =
    ownLedgers(context).some(({ mark }) => mark.app !== '') || observation.resources.some((one) => isSeen(one, 'user') && one.owned);
  const graph = graphOf(context);
  if (known || placement.adopt || !graph || graph.nodes + graph.constraints + graph.indexes === 0) return [];
  const what = `${graph.nodes} nodes, ${graph.constraints} constraints and ${graph.indexes} indexes`;
  const message = `the database of "${input.name}" holds ${what} already, and app "${app}" would have all of them`;
  return [{ code: 'CT2082', message, hint: 'add `adopt: true` if they are its own, or give it another instance', path }];
}
