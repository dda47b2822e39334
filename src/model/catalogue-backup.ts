import type { Codes } from './catalogue.ts';

/** CT43 backups. */
export const backupCodes: Codes = {
  CT4306: {
    title: 'Place is not empty',
    explanation: 'A restore writes over nothing. The app into which a backup is to be brought back has something there already.',
    hint: 'Add an app to the manifest, run cotenant apply, and bring the backup back into it with --as.',
  },
  CT4307: {
    title: 'Restored data is different',
    explanation: 'What came back was compared with what the backup says it holds, object by object and row by row, and is not the same.',
    hint: 'Do not rely on this backup. Make another one, and run cotenant drill.',
  },
  CT4310: {
    title: 'No repository for backups',
    explanation: 'Neither the manifest nor the environment says where backups are kept, or what the password of the repository is.',
    hint: 'Add `backup: { repository: …, password: { env: RESTIC_PASSWORD } }`, or set RESTIC_REPOSITORY and RESTIC_PASSWORD.',
  },
  CT4311: {
    title: 'restic missing or too old',
    explanation: 'Backups are stored, encrypted and deduplicated by restic. Older versions do not tell a failed source from an empty one.',
    hint: 'Install restic 0.17 or newer.',
  },
  CT4312: {
    title: 'Repository failed',
    explanation:
      'restic ended with an error, or did not get on for minutes. It tries again for a quarter of an hour by itself, with errors too that cannot heal; cotenant gives it up earlier.',
  },
  CT4313: {
    title: 'Part of an app cannot be backed up',
    explanation: 'The app has data on an engine that cannot be backed up yet. A backup without it would look whole and not be.',
    hint: 'Say that it is left out: `backup: { exclude: [instance] }`.',
  },
  CT4314: {
    title: 'No such backup',
    explanation: 'The repository has no backup of that name, or of that app, or it was written in a form that this version does not know.',
    hint: 'cotenant backup list shows them.',
  },
  CT4315: {
    title: 'No place for a part of a backup',
    explanation: 'The backup has a part of an instance on which the app is not, and no other instance of that kind is meant without doubt.',
    hint: 'Put the app on an instance of that kind and run cotenant apply.',
  },
  CT4327: {
    title: 'Drill that others could read',
    explanation:
      'A drill brings all that an app has into a place that is to be nobody’s. Somebody who may not read as much of the app itself has rights that reach it whatever it is called: a pattern of names of databases or of keys, by a role or a selector too. So it was not begun. Operators of the manifest may read it, and whoever has rights on everything is told.',
    hint: 'Take the pattern back, make it narrower, or name the login under `operators`.',
  },
  CT4330: {
    title: 'No rule for what is kept',
    explanation: 'Old backups are removed by a rule, and the manifest has none: nothing is removed that nobody has called old.',
    hint: 'Add `backup: { keep: { daily: 7, weekly: 4, monthly: 6 } }` to the manifest.',
  },
  CT4334: {
    title: 'Drill took too long',
    explanation: 'A drill may take so long, and no longer. It was given up, and what it had made was removed. The backup stays unproved.',
    hint: 'Give it longer with --timeout.',
  },
};
