import type { CatalogueEntry } from './catalogue.ts';

/** CT10 reading the file · CT12 names and references · CT13 the environment and secrets in the file. */
export const manifestCodes: Readonly<Record<string, CatalogueEntry>> = {
  CT1001: {
    title: 'Not YAML',
    explanation:
      'The file cannot be read as one YAML 1.2 document. Nothing else is checked until it can, because everything after such an error would be a guess.',
    hint: 'Look at the line, and at the one above it: indentation, quotes, brackets, a missing colon. Inside { } a text with braces needs quotes.',
  },
  CT1002: {
    title: 'A key stands twice',
    explanation:
      'Two entries of one map have the same key. YAML readers keep one of them and drop the other without a word, so an app or a limit would be lost unseen.',
    hint: 'Put both entries into one, or remove one.',
  },
  CT1003: {
    title: 'The manifest cannot be read',
    explanation: 'The file does not exist, is a folder, may not be read by this user, or is not UTF-8 text.',
    hint: 'Check the path that --file names, and the rights of the file.',
  },
  CT1004: {
    title: 'The manifest is too large',
    explanation:
      'The file, the values that its aliases come to, or the apps that `for` comes to are more than the limit. The limits are far above any real manifest: they end a broken or hostile file with an error and not with a hang.',
    hint: 'Use several manifests, each with its own project.',
  },
  CT1005: {
    title: 'Nested too deep',
    explanation: 'Maps and lists stand inside each other more than 64 levels deep. A real manifest needs about eight.',
    hint: 'Look for brackets that are not closed.',
  },
  CT1006: {
    title: 'A key that cannot be used',
    explanation: 'A key of a map is empty, a list, a map or an alias, or a word that cannot be a key in a program. Keys are plain texts.',
    hint: 'Write the key as one plain word.',
  },
  CT1007: {
    title: 'A YAML tag',
    explanation:
      'The file uses a tag such as `!secret`. Tags other than those of YAML itself have no meaning in a manifest, and ignoring one could turn a secret into plain text.',
    hint: 'Leave the tag out. Secrets are written as { env: NAME } or { file: PATH }.',
  },
  CT1008: {
    title: 'An alias or merge that cannot be resolved',
    explanation:
      'An alias names an anchor that does not stand above it, or stands inside its own anchor, or a merge key `<<` got something that is not a map.',
    hint: 'Mark the value with &name first, and repeat it with *name after that.',
  },
  CT1009: {
    title: 'Not a manifest',
    explanation:
      'The file is empty, or holds a list or a single value. A manifest is a map with the keys cotenant, project, instances and apps.',
    hint: '`cotenant init` writes a first one.',
  },
  CT1010: {
    title: 'Unknown key',
    explanation:
      'A map has a key that nothing reads, mostly a misspelt one. It is an error, because a limit or a wall that is misspelt would silently not be there.',
    hint: 'Correct the key; the message names those that are known. `cotenant schema` makes an editor complete them.',
  },
  CT1011: {
    title: 'Wrong type',
    explanation:
      'A value is of another type than its field takes, such as a text where a number is expected, or a secret in clear where a reference is expected.',
    hint: 'Numbers, true and false are written without quotes. A text that is nothing but ${VAR} counts as a number where one is expected.',
  },
  CT1012: {
    title: 'Missing key',
    explanation: 'A map lacks a key that it must have.',
    hint: 'Add the key.',
  },
  CT1013: {
    title: 'Value not allowed',
    explanation: 'A field takes one of a few values, and this is none of them.',
    hint: 'Choose one of the values that the message names.',
  },
  CT1014: {
    title: 'Outside the limits',
    explanation: 'A number is too small or too large, a text too short or too long, or a list has too few or too many values.',
    hint: 'Choose a value inside the limits that the message names.',
  },
  CT1015: {
    title: 'Wrong form',
    explanation: 'A text does not have the form that its field takes, such as a duration without a unit.',
    hint: 'Write it in the form that the message names.',
  },
  CT1016: {
    title: 'Fields that do not go together',
    explanation: 'Each field is right alone, but the engine has a rule about them together, and it is broken.',
    hint: 'Change one of the fields that the message names.',
  },
  CT1017: {
    title: 'Unknown version of the format',
    explanation: '`cotenant:` names the version of the manifest format. This program knows version 1, and does not guess at others.',
    hint: 'Write `cotenant: 1`, or install a version of cotenant that knows the format.',
  },
  CT1018: {
    title: 'No manifest found',
    explanation: 'No cotenant.yaml (or cotenant.yml) lies in the working directory or in a folder above it.',
    hint: '`cotenant init` writes one; --file names one that lies elsewhere.',
  },
  CT1201: {
    title: 'A name that cannot be used',
    explanation:
      'Names of the project, of instances, apps and readers become names in every engine, of environment variables and of files. So they are letters, digits, _ and -, a letter first, at most 40 characters. Everything else is refused here, before it can reach a statement or a shell.',
    hint: 'Choose a plain name. What the engine calls the database, schema or login can be set apart from it.',
  },
  CT1202: {
    title: 'A name that is there twice',
    explanation:
      'Two apps, or an app and a reader, have one name, perhaps only after `for` was worked in. Each gets logins of its own, so the names must differ.',
    hint: 'Rename one. Under `for`, put every variable into the key and each value once into its list.',
  },
  CT1203: {
    title: 'Unknown instance',
    explanation: 'An app uses an instance that is not declared. Nothing is planned, because the app would silently go without it.',
    hint: 'Declare it under `instances:`, or correct the name.',
  },
  CT1204: {
    title: 'Unknown app',
    explanation:
      '`after`, `reads` or a share names an app that is not in the manifest. Apps of `for` are named as they come out: `team_frontend`, not `team_{name}`.',
    hint: 'Correct the name, or remove it.',
  },
  CT1205: {
    title: 'Unknown engine',
    explanation: 'An instance or the defaults name a kind of server that this version does not know.',
    hint: 'Choose one of those that the message names.',
  },
  CT1206: {
    title: 'Apps that wait for each other',
    explanation: 'The `after` lists of some apps make a circle, so none of them could be deployed first.',
    hint: 'Take one of the apps out of an `after` list.',
  },
  CT1207: {
    title: 'An app that names itself',
    explanation: 'An app is to be deployed after itself, or shares tables with itself.',
    hint: 'Remove the entry, or name the other app that was meant.',
  },
  CT1208: {
    title: 'A share without a common instance',
    explanation: 'A share opens a wall inside a server. The two apps do not live on one server, so there is nothing to open.',
    hint: 'Put both apps on one instance, or remove the share.',
  },
  CT1209: {
    title: '`for` that cannot be worked in',
    explanation:
      'A variable of `for` is missing in the key, so that several apps would have one name; or it is not a word; or the lists multiply to too many apps.',
    hint: 'Write the key with every variable in it, as team_{name}.',
  },
  CT1210: {
    title: 'Unknown right of an operator',
    explanation:
      'An operator’s `may` holds a word that no engine of its instances knows. Which words there are is the engine’s own matter; each stands for the least rights that such a login needs.',
    hint: 'Use one of the words that the message names.',
  },
  CT1301: {
    title: 'A password in a URL',
    explanation:
      'A URL in the manifest holds a password, as written or as filled from the environment. A manifest is shared, reviewed and kept in version control; what it holds ends in plans and logs. The password is covered in the message.',
    hint: 'Take it out of the URL and write `password: { env: NAME }` or `password: { file: PATH }` beside it. Change the password if the file was shared.',
  },
  CT1302: {
    title: 'Environment variable not set',
    explanation:
      'The file refers to `${VAR}`, and the environment has no such variable. An empty text in its place could point at the wrong server.',
    hint: 'Set the variable, or give a default: ${VAR:-value}.',
  },
  CT1303: {
    title: 'Not a variable',
    explanation: 'A text has `${` without a name and a closing brace after it.',
    hint: 'Write ${NAME} or ${NAME:-default}. For a dollar sign itself write two: $$.',
  },
};
