import type { Codes } from './catalogue.ts';

/** CT50 secrets and their store · CT51 an app's environment · CT52 the journal of runs. */
export const secretCodes: Codes = {
  CT5001: {
    title: 'Secret missing',
    explanation:
      'The environment variable or file that holds a secret is not set, does not exist or is empty. Relative paths start from the folder of the manifest.',
    hint: 'Set the variable, or create the file.',
  },
  CT5002: {
    title: 'Secret file readable by others',
    explanation:
      'The secret store or its folder cannot be read, is a link, belongs to another user, or is readable by others. What others can read is not secret, so it is not used.',
    hint: 'Make it accessible to its owner only: chmod 600 for the file, 700 for its folder.',
  },
  CT5003: {
    title: 'Secret store damaged',
    explanation: 'The file is not a secret store that this version can read, or its encryption is damaged.',
    hint: 'Restore it from a backup. Without one, move it away: apply creates new credentials, and no data is lost.',
  },
  CT5004: {
    title: 'Secret store cannot be sealed or opened',
    explanation:
      'The secret store is sealed with age, and none of the given identities opens it; or it would be sealed so that the given identity could not open it again.',
    hint: 'Pass the identity file that it was sealed for.',
  },
  CT5005: {
    title: 'Secret store in use',
    explanation: 'Another process is writing to the store. Its lock ends with that process.',
    hint: 'Wait for the other run to finish.',
  },
  CT5006: {
    title: 'Secret store cannot be written',
    explanation:
      'The file or its folder could not be written. No credential is sent to a server before it is stored, so nothing was changed.',
    hint: 'Check the free disk space and the permissions of its folder.',
  },
  CT5007: {
    title: 'No credentials yet',
    explanation: 'The app has no credentials in this store: it was never applied from here, or this is a different store.',
    hint: 'Run apply first, or use the store that it was applied with.',
  },
  CT5008: {
    title: 'Password matches no login',
    explanation: 'A password was entered for an app, but the server accepts it for no login of that app. Nothing was stored.',
    hint: 'Check the password, or choose the login with --login.',
  },
  CT5101: {
    title: 'Value not possible in this format',
    explanation: 'A value of the environment has characters that the chosen format cannot represent without loss.',
    hint: 'Use --output json or k8s.',
  },
  CT5102: {
    title: 'Name not possible in this format',
    explanation: "The app's name has no character that the format allows in a name.",
    hint: 'Use --output json.',
  },
  CT5103: {
    title: 'Masked values in a pipe or a file',
    explanation:
      'Without --reveal `env` masks secrets. Printed anywhere but at a terminal, the masks would be taken for the values: an app would try to log in with asterisks. So nothing is printed.',
    hint: 'Pass --reveal, and keep what it prints where others cannot read it.',
  },
  CT5201: {
    title: 'Journal cannot be written',
    explanation:
      'Every run is recorded beside the secret store, for `history` and so that an interrupted run can resume. Without the journal only that is lost: what remains to be done is read from the servers.',
    hint: 'Check the free disk space and the permissions of the folder.',
  },
};
