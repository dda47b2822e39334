import type { Harm, Move, OpenFault, Verb } from '../frame.ts';
import type { Piece } from './world.ts';

const APPLIES: readonly Verb[] = ['apply', 'yes'];
const byHand = (how: string): Piece => ({ kind: 'app', id: 'hand', databases: ['hand'], how });
const stranger = (kind: string, how = 'plain', databases: readonly string[] = ['hand']): Piece => ({ kind, id: kind, databases, how });

const adopted: readonly Move[] = [{ verb: 'import' }, { verb: 'apply' }, { verb: 'again' }];
const fixed: readonly Move[] = [{ verb: 'apply' }, { verb: 'fix' }];

/** How a login is cut off: it cannot connect any more, or its session is ended. */
const cutOff = ({ kind, what, of }: Harm): boolean =>
  of === null && (kind === 'ended' || (kind === 'lost' && / (connects to|replicates) /.test(what)));

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
    'F5: a login that got in through PUBLIC alone is cut off by the wall',
    'rights',
    (harm) => APPLIES.includes(harm.verb) && cutOff(harm),
    [byHand('owner'), stranger('backup', 'all')],
    adopted,
  ),
  fault(
    'F12: a fix closes a database that is not in the manifest',
    'code',
    (harm) => harm.verb === 'fix' && cutOff(harm),
    [byHand('owner'), stranger('reporter', 'group')],
    fixed,
  ),
  fault(
    'F1: the function of an event trigger is handed to a tenant',
    'code',
    ({ what, verb }) =>
      APPLIES.includes(verb) && (/^(event trigger|routine public\.)/.test(what) || what.startsWith('an event trigger of ')),
    [byHand('owner'), stranger('watch', 'notify')],
    adopted,
  ),
  fault(
    'F6: definer functions and schemas of the operator are handed to a tenant',
    'code',
    ({ kind, verb, what }) =>
      APPLIES.includes(verb) && (kind === 'changed' || kind === 'lost') && /^(routine|schema|relation) |calls "/.test(what),
    [byHand('owner'), stranger('definer')],
    adopted,
  ),
  fault(
    'F3: a login that did not own its tables becomes their owner',
    'adopt',
    ({ kind, verb, what }) =>
      APPLIES.includes(verb) && (kind === 'gained' || (kind === 'changed' && what.includes(' of its tenant'))) && / in "/.test(what),
    [byHand('rls')],
    adopted,
  ),
  fault(
    'F8: user mappings of an adopted login stop working',
    'adopt',
    ({ kind, what }) => kind === 'lost' && what.includes('"far_notes"'),
    [byHand('owner'), stranger('fdw')],
    adopted,
  ),
  fault(
    'F17: what one app may read in the schema of another is taken at adoption',
    'adopt',
    ({ kind, verb, what }) => kind === 'lost' && APPLIES.includes(verb) && what.includes('_crm.notes"'),
    [byHand('crossed')],
    adopted,
  ),
  fault(
    'F14: the first apply of an import does not finish',
    'adopt',
    ({ kind, what }) => kind === 'not-silent' && what === 'cotenant',
    [byHand('granted')],
    adopted,
  ),
];
