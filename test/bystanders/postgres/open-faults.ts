import type { Move, OpenFault } from '../frame.ts';
import type { Piece } from './world.ts';

const byHand = (how: string): Piece => ({ kind: 'app', id: 'hand', databases: ['hand'], how });
const stranger = (kind: string, how = 'plain', databases: readonly string[] = ['hand']): Piece => ({ kind, id: kind, databases, how });

const fault = (
  cause: string,
  owner: string,
  explains: OpenFault<Piece>['explains'],
  pieces: readonly Piece[],
  story: readonly Move[],
): OpenFault<Piece> => ({
  cause,
  owner,
  explains,
  minimal: { pieces, document: { apps: { shop: { uses: { main: {} } } } }, story },
});

/**
 * What is known and not mended yet, by its cause in the issue, with whoever mends it. An entry that does no harm any more
 * fails its test, and goes.
 */
export const openFaults: readonly OpenFault<Piece>[] = [
  fault(
    'A fix takes a group from the login of another project in a database that both use',
    'code',
    ({ kind, verb, what }) => verb === 'fix' && /^(groups of "project|project "project)/.test(what) && kind !== 'gained',
    [{ kind: 'project', id: 'project', databases: [], how: 'shared' }],
    [
      { verb: 'apply', edits: [{ path: ['apps', 'blog'], value: { uses: { main: { isolation: 'schema', database: 'shared' } } } }] },
      { verb: 'fix' },
    ],
  ),
  {
    cause: 'F12: a fix closes a database that an app of the manifest would need, and that is not cotenant’s',
    owner: 'code',
    explains: (harm) => harm.verb === 'fix' && harm.of === null && / (connects to|replicates) "hand/.test(harm.what),
    minimal: {
      pieces: [byHand('owner'), stranger('reporter', 'group')],
      document: { apps: { hand: { uses: { main: {} } } } },
      story: [{ verb: 'fix' }],
    },
  },
];
