import type { OpenFault } from '../frame.ts';
import type { Piece } from './world.ts';

/**
 * What is known and not mended yet, by its cause in the issue, with whoever mends it and its smallest case. An entry that
 * does no harm any more fails its test, and goes.
 */
export const openFaults: readonly OpenFault<Piece>[] = [
  {
    cause: 'An apply that retires leaves rights of groups of accepted logins on the database; the next one takes them',
    owner: 'removal',
    explains: ({ kind, after }) => kind === 'not-silent' && after.split('\n').every((id) => /\/retired\/database\/.*#close$/.test(id)),
    minimal: {
      pieces: [
        { kind: 'app', id: 'hand0', databases: ['hand0'], how: 'owner' },
        { kind: 'app', id: 'hand1', databases: ['hand1'], how: 'owner' },
        { kind: 'reporter', id: 'reporter', databases: ['hand1'], how: 'option' },
      ],
      document: { apps: {} },
      story: [{ verb: 'import' }, { verb: 'apply' }, { verb: 'apply', edits: [{ path: ['apps', 'hand1'] }] }, { verb: 'again' }],
    },
  },
];
