import type { Codes } from './catalogue.ts';

/** What `serve` and its keys say. */
export const serveCodes: Codes = {
  CT4650: {
    title: 'Key exists',
    explanation: 'There is a key with this name already. A key is shown once, so it cannot be shown again under its name.',
    hint: 'Choose another name, or revoke the old key first: cotenant key revoke NAME.',
  },
  CT4651: {
    title: 'No such key',
    explanation: 'No key of this project has that name. It may have been revoked already.',
    hint: 'cotenant key list shows the names.',
  },
  CT4652: {
    title: 'Key file cannot be read',
    explanation:
      'The file of the keys, `.cotenant/keys.json` beside the manifest, is not what this version writes. Until it is, no key is accepted.',
    hint: 'Restore it from a backup, or remove it and make new keys.',
  },
};
