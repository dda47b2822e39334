import { SECRET_SHAPE as SHAPE } from '../settings.ts';

const WORD = /pass(word|wd|phrase)?\b|pwd\b|secret|token|credential|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|jwt|bearer/i;
/** A name that says so, with a value. */
const ASSIGNED =
  /(pass(word|wd|phrase)?|pwd|secret|token|credentials?|api[-_]?key|access[-_]?key|private[-_]?key)[\w-]*["']?\s*[=:]\s*["']?[^\s"'$%]/i;

/** As clients take a password: `--password hunter2`, `-u name:word`, `mysql -pword`, PGPASSWORD=word. */
const OPTION =
  /--(?:password|pass|token|secret)[= ]+["']?[^\s"'$%-]|(?:^|\s)(?:-u|--user)[= ]*["']?[^\s"':$%]+:[^\s"'$%]|\b(?:mysql|mariadb)\w*\s(?:.*\s)?-p[^\s"'$%]/i;

/** A setting whose name or value looks like a secret. */
export function secretSetting(name: string, value: string): boolean {
  return (
    value !== '' &&
    (WORD.test(name.replaceAll('_', ' ').replaceAll('.', ' ')) || WORD.test(name) || SHAPE.test(value)) &&
    name !== 'password_encryption'
  );
}

/** A command of the server with a secret in it. A file or a variable that holds it is none. */
export function secretCommand(command: string): boolean {
  return SHAPE.test(command) || ASSIGNED.test(command) || OPTION.test(command);
}

/** A text for people that speaks of a secret. */
export function secretText(text: string): boolean {
  return WORD.test(text) || SHAPE.test(text);
}
