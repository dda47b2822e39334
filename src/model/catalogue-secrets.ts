import type { CatalogueEntry } from './catalogue.ts';

/** CT50 secrets and their store · CT51 an app's environment · CT52 the journal of runs. */
export const secretCodes: Readonly<Record<string, CatalogueEntry>> = {
  CT5001: {
    title: 'A secret is missing',
    explanation:
      'The environment variable or file that holds a secret is not set, not there or empty. Relative files start from the folder of the manifest.',
    hint: 'Set the variable, or write the file.',
  },
  CT5002: {
    title: 'A secret file that others can read',
    explanation:
      'The secret store or its folder cannot be read, is a link, belongs to another user, or can be read by others. What others can read is not secret, so it is not used.',
    hint: 'Make the file readable by its owner only: chmod 600 for the file, 700 for its folder.',
  },
  CT5003: {
    title: 'The secret store is damaged',
    explanation: 'The file is not a secret store that this version can read, or its sealed form is broken.',
    hint: 'Restore it from a copy. Without one, move it away: apply makes new credentials, and no data is lost.',
  },
  CT5004: {
    title: 'The store cannot be sealed or opened',
    explanation:
      'The secret store is sealed with age, and no identity that is given opens it; or it would be sealed so that the given identity could not open it again.',
    hint: 'Give the identity file that it was sealed for.',
  },
  CT5005: {
    title: 'The secret store is in use',
    explanation: 'Another process writes to the store. Its lock ends with that process.',
    hint: 'Wait for the other run to end.',
  },
  CT5006: {
    title: 'The secret store cannot be written',
    explanation: 'The file or its folder could not be written. No credential reaches a server before it is stored, so nothing was changed.',
    hint: 'Check the space and the rights of its folder.',
  },
  CT5007: {
    title: 'No credentials yet',
    explanation: 'The app has no credentials in this store: it was never applied from here, or the store is another one.',
    hint: 'Run apply first, or point to the store that was used.',
  },
  CT5008: {
    title: 'A password that no login has',
    explanation: 'A password was handed in for an app, and the server was asked: no login of that app has it. Nothing was stored.',
    hint: 'Look at the password again, or name the login with --login.',
  },
  CT5101: {
    title: 'A value that the format cannot hold',
    explanation:
      'A value of the environment has characters that cannot be written in the chosen format so that its readers get the same value back.',
    hint: 'Use --format json or k8s.',
  },
  CT5102: {
    title: 'A name that the format cannot hold',
    explanation: "Nothing of the app's name is left when it is written as the format names things.",
    hint: 'Use --format json.',
  },
  CT5201: {
    title: 'The journal cannot be written',
    explanation:
      'What a run does is noted beside the secret store, for `history` and so that a run that was cut short can go on where it was. The servers tell what is left to be done: without the journal nothing is lost but that.',
    hint: 'Check the space and the rights of the folder.',
  },
};
