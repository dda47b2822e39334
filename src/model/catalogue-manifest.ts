import type { Codes } from './catalogue.ts';

/** CT10 reading the file · CT12 names and references · CT13 the environment and secrets in the file. */
export const manifestCodes: Codes = {
  CT1001: {
    title: 'Not YAML',
    explanation:
      'The file cannot be read as one YAML 1.2 document. Nothing else is checked until it can, because anything after such an error would be a guess.',
    hint: 'Check that line and the one above it: indentation, quotes, brackets, a missing colon. Inside { }, text with braces needs quotes.',
  },
  CT1002: {
    title: 'Duplicate key',
    explanation:
      'Two entries of one map have the same key. Most YAML readers silently keep one and drop the other, so an app or a limit could be lost unnoticed.',
    hint: 'Merge the two entries, or remove one.',
  },
  CT1003: {
    title: 'The manifest cannot be read',
    explanation: 'The file does not exist, is a folder, is not readable by this user, or is not UTF-8 text.',
    hint: 'Check the path given with --file, and the permissions of the file.',
  },
  CT1004: {
    title: 'The manifest is too large',
    explanation:
      'The file, the values that its aliases expand to, or the apps that `for` expands to exceed a limit. The limits are far above any real manifest: they make a broken or hostile file end with an error instead of a hang.',
    hint: 'Use several manifests, each with its own project.',
  },
  CT1005: {
    title: 'Nested too deeply',
    explanation: 'Maps and lists are nested more than 64 levels deep. A real manifest needs about eight.',
    hint: 'Look for an unclosed bracket.',
  },
  CT1006: {
    title: 'Invalid key',
    explanation:
      'A key of a map is empty, a list, a map or an alias, or a word that JavaScript reserves, such as `__proto__`. Keys are plain strings.',
    hint: 'Write the key as one plain word.',
  },
  CT1007: {
    title: 'YAML tag not allowed',
    explanation:
      'The file uses a tag such as `!secret`. Tags other than those of YAML itself have no meaning in a manifest, and ignoring one could turn a secret into plain text.',
    hint: 'Remove the tag. Secrets are written as { env: NAME } or { file: PATH }.',
  },
  CT1008: {
    title: 'Unresolvable alias or merge',
    explanation:
      'An alias names an anchor that is not defined above it, or is used inside its own anchor, or a merge key `<<` is given something that is not a map.',
    hint: 'Define the anchor with &name first, and refer to it with *name below.',
  },
  CT1009: {
    title: 'Not a manifest',
    explanation:
      'The file is empty, or holds a list or a single value. A manifest is a map with the keys cotenant, project, instances and apps.',
    hint: '`cotenant init` writes one to start from.',
  },
  CT1010: {
    title: 'Unknown key',
    explanation:
      'A map has a key that cotenant does not know, usually a misspelling. It is an error, because a misspelt limit or wall would silently be missing.',
    hint: 'Correct the key; the message lists the known ones. With the output of `cotenant schema` an editor completes them.',
  },
  CT1011: {
    title: 'Wrong type',
    explanation:
      'A value does not have the type of its field: a string where a number is expected, for example, or a plain-text secret where a reference is expected.',
    hint: 'Write numbers, true and false without quotes. A string that consists of ${VAR} alone counts as a number where one is expected.',
  },
  CT1012: {
    title: 'Missing key',
    explanation: 'A map lacks a required key.',
    hint: 'Add the key.',
  },
  CT1013: {
    title: 'Value not allowed',
    explanation: 'The field accepts a fixed set of values, and this is not one of them.',
    hint: 'Choose one of the values listed in the message.',
  },
  CT1014: {
    title: 'Out of range',
    explanation: 'A number is too small or too large, a string is too short or too long, or a list has too few or too many values.',
    hint: 'Choose a value within the limits given in the message.',
  },
  CT1015: {
    title: 'Invalid format',
    explanation: 'A string does not have the format of its field: a duration without a unit, for example.',
    hint: 'Use the format given in the message.',
  },
  CT1016: {
    title: 'Conflicting fields',
    explanation: 'Each field is valid alone, but the combination breaks a rule of the engine.',
    hint: 'Change one of the fields named in the message.',
  },
  CT1017: {
    title: 'Unknown format version',
    explanation: '`cotenant:` names the version of the manifest format. This release supports version 1 and does not guess at others.',
    hint: 'Write `cotenant: 1`, or install a version of cotenant that supports the format.',
  },
  CT1018: {
    title: 'No manifest found',
    explanation: 'There is no cotenant.yaml (or cotenant.yml) in the working directory or any folder above it.',
    hint: 'Create one with `cotenant init`, or point to one with --file.',
  },
  CT1019: {
    title: 'Invalid server URL',
    explanation:
      'A URL does not lead to a server of the instance’s engine, or says something that would not be honoured: another scheme, no host, a parameter that is unknown or means something else. It is refused before anybody connects, because a driver would make something of it. Every parameter is honoured or refused. The message shows no part of the URL that could be a password.',
    hint: 'The message says what is wrong with it; the engine’s page lists the parameters.',
  },
  CT1090: {
    title: 'A second manifest',
    explanation:
      'The folder has both a cotenant.yaml and a cotenant.yml. Only the first is read: what the other says has no effect, and apps that stand only there would look as if they had left the manifest.',
    hint: 'Remove one of them, or name the one that is meant with --file.',
  },
  CT1091: {
    title: 'Unknown code',
    explanation: '`cotenant explain` was asked for something that is neither the code of a diagnostic nor the id of a probe of `verify`.',
    hint: 'Codes stand in docs/errors.md, probes in docs/probes/.',
  },
  CT1201: {
    title: 'Invalid name',
    explanation:
      'The names of projects, instances, apps and readers are used in every engine, in environment variables and in file names. They consist of letters, digits, _ and -, start with a letter, and have at most 40 characters. Anything else is refused here, before it can reach a statement or a shell.',
    hint: 'Choose a plain name. The names of the database, schema and login on the server can be set separately.',
  },
  CT1202: {
    title: 'Duplicate name',
    explanation:
      'Two apps, or an app and a reader, have the same name, perhaps only after `for` was expanded. Each gets its own logins, so the names must differ.',
    hint: 'Rename one of them. With `for`, use every variable in the key, and list each value once.',
  },
  CT1203: {
    title: 'Unknown instance',
    explanation: 'An app uses an instance that is not declared. Nothing is planned, because the app would silently be deployed without it.',
    hint: 'Declare it under `instances:`, or correct the name.',
  },
  CT1204: {
    title: 'Unknown app',
    explanation:
      '`after`, `reads` or a share names an app that is not in the manifest. Refer to apps of `for` by their expanded name: `team_frontend`, not `team_{name}`.',
    hint: 'Correct the name, or remove it.',
  },
  CT1205: {
    title: 'Unknown engine',
    explanation: 'An instance or the defaults name an engine that this version does not support.',
    hint: 'Choose one of the engines listed in the message.',
  },
  CT1206: {
    title: 'Circular `after`',
    explanation: 'The `after` lists of some apps form a cycle, so none of them can be deployed first.',
    hint: 'Remove one of the apps from an `after` list.',
  },
  CT1207: {
    title: 'App refers to itself',
    explanation: 'An app is listed in its own `after`, or shares tables with itself.',
    hint: 'Remove the entry, or name the app that you meant.',
  },
  CT1208: {
    title: 'Share without a common instance',
    explanation: 'A share opens a wall inside one server. These two apps have no server in common, so there is nothing to open.',
    hint: 'Put both apps on one instance, or remove the share.',
  },
  CT1209: {
    title: 'Invalid `for`',
    explanation:
      'A variable of `for` is missing from the key, so several apps would get the same name; or it is not a plain word; or the lists expand to too many apps.',
    hint: 'Use every variable in the key, as in team_{name}.',
  },
  CT1210: {
    title: 'Unknown right of an operator',
    explanation:
      'An operator’s `may` contains a word that the engines of its instances do not know. Each engine defines its own words; each stands for the least privileges that such a login needs.',
    hint: 'Use one of the words listed in the message.',
  },
  CT1211: {
    title: 'Unknown reference in `env`',
    explanation:
      'A value under `env` of an app refers to a part or a variable that the app does not have, or to a part that several of its instances have.',
    hint: 'Write one of the expected words, with its instance in front where several have it; a text that stands for itself is { value: text }.',
  },
  CT1212: {
    title: 'Migrations without a place',
    explanation:
      'The migrations of an app run on one instance: the one that `placement` names, or the only one of the app whose engine can run migrations. This app has none, or several, or `placement` names one that it does not use.',
    hint: 'Name one of the instances of the app: `migrations: { placement: main }`.',
  },
  CT1213: {
    title: 'Migration command without its ledger',
    explanation:
      'With `tool: command` cotenant knows nothing of the tool: the manifest says how it is called and where it keeps its revision.',
    hint: 'Add `command: […]` and `ledger: { table: …, column: … }`.',
  },
  CT1217: {
    title: 'Unknown recipe',
    explanation:
      'A recipe is what cotenant knows of one application: the variables that it reads, and what its placement needs. There is none of this name.',
    hint: 'Use one of the recipes in docs/recipes.md, or map the variables under `env` of the app.',
  },
  CT1218: {
    title: 'An application that is not whole at this level',
    explanation:
      'The application of the recipe was run at this level, and part of it did not work, or not as it should, without an error that would say so. The wall stands.',
    hint: 'Use the level that the message names.',
  },
  CT1301: {
    title: 'A password in a URL',
    explanation:
      'A URL in the manifest contains a password, written out or filled in from the environment. A manifest is shared, reviewed and kept in version control, and its contents end up in plans and logs. The message masks the password.',
    hint: 'Remove it from the URL and add `password: { env: NAME }` or `password: { file: PATH }`. Change the password if the file was shared.',
  },
  CT1302: {
    title: 'Environment variable not set',
    explanation:
      'The file refers to `${VAR}`, which is not set in the environment. An empty string in its place could point at the wrong server.',
    hint: 'Set the variable, or write a default: ${VAR:-value}.',
  },
  CT1303: {
    title: 'Invalid variable reference',
    explanation: 'A string contains `${` that is not followed by a name and a closing brace.',
    hint: 'Write ${NAME} or ${NAME:-default}. For a literal dollar sign write two: $$.',
  },
};
