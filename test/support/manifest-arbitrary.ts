import { fc } from './properties.ts';
import { Document, parseDocument } from 'yaml';
import { inheritedName } from './hostile-names.ts';

/** What an engine's part may look like, so that documents fit a real engine or one of a test. */
export interface EnginePart {
  readonly id: string;
  /** Fields of an instance besides `engine`. */
  readonly instance: fc.Arbitrary<Readonly<Record<string, unknown>>>;
  readonly placement: fc.Arbitrary<Readonly<Record<string, unknown>>>;
  readonly defaults: fc.Arbitrary<Readonly<Record<string, unknown>>>;
}

export type ManifestDocument = Readonly<Record<string, unknown>>;

/** A secret that must never come back in a message. */
export const canary = 'CANARY-5f1d';

const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCXYZ');
const others = Array.from('0123456789_-');

/** Stands in every generated name, and in no statement of its own accord. */
export const marker = 'zq7';

/** A name that the manifest takes. */
export const goodName = fc
  .tuple(fc.constantFrom(...letters), fc.string({ unit: fc.constantFrom(...letters, ...others), maxLength: 10 }))
  .map(([first, rest]) => `${marker}${first}${rest}`);

// The library's own unit for this takes seconds to set up.
const anyCharacter = fc
  .oneof(fc.integer({ min: 0, max: 0x2ff }), fc.integer({ min: 0, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));

/** Texts that break naive code: quoting, terminals, shells, YAML, prototypes. */
export const hostileText = fc.oneof(
  fc.constantFrom('', ' ', '"', "'", '`', '$', '${', '${X}', '$$', '{n}', '<<', 'null', '~', 'true', '.nan', '0x1f', '-'),
  fc.constantFrom(
    'a"; DROP TABLE x; --',
    "a'; DROP TABLE x; --",
    'a"."b',
    '$(id)',
    'a\u0000b',
    'a\nb',
    '\u001b[31m',
    '\u202e',
    '\ud800',
    '\u{1f600}',
    'é'.repeat(40),
    'a'.repeat(500),
  ),
  inheritedName,
  fc.constantFrom(`x://u:${canary}@h/d`, `x://u:${canary}@h,i/d?password=${canary}`, `x://h/d?password=${canary}`),
  fc.string({ unit: anyCharacter, maxLength: 20 }),
  goodName,
);

const apps = (part: EnginePart, instances: readonly string[]): fc.Arbitrary<ManifestDocument> =>
  fc.record(
    {
      uses: fc.dictionary(fc.constantFrom(...instances), part.placement, { maxKeys: 3 }),
    },
    { requiredKeys: ['uses'] },
  );

interface Frame {
  readonly instances: readonly string[];
  readonly names: readonly string[];
}

function documentOf(part: EnginePart, { instances, names }: Frame): fc.Arbitrary<ManifestDocument> {
  const [readers, ours] = [names.slice(0, 2), names.slice(2)];
  const after = ours.map((_, index) => fc.subarray(ours.slice(Math.max(0, index - 3), index)));
  const known = fc.constantFrom(...ours);
  const reads = fc.uniqueArray(known, { minLength: 1, maxLength: 3 });
  const reader = fc.record({ reads, connections: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: ['reads'] });
  return fc
    .record(
      {
        instances: fc.tuple(...instances.map(() => part.instance)),
        apps: fc.tuple(...ours.map(() => apps(part, instances))),
        after: fc.tuple(...after),
        defaults: part.defaults,
        team: fc.record({ values: fc.uniqueArray(goodName, { minLength: 1, maxLength: 4 }), app: apps(part, instances) }),
        readers: fc.dictionary(fc.constantFrom(...readers), reader, { maxKeys: 2 }),
        removal: fc.constantFrom('retain', 'delete'),
        backup: fc.record({ schedule: fc.constant('0 3 * * *'), keep: fc.constant({ daily: 7 }) }, { requiredKeys: [] }),
      },
      { requiredKeys: ['instances', 'apps', 'after'] },
    )
    .map((made) => ({
      cotenant: 1,
      project: 'p',
      instances: Object.fromEntries(instances.map((name, index) => [name, { engine: part.id, ...made.instances[index] }])),
      apps: Object.fromEntries(ours.map((name, index) => [name, { ...made.apps[index], after: made.after[index] }])),
      ...(made.defaults ? { defaults: { [part.id]: made.defaults } } : {}),
      // A word that no other name starts with: all of them start with the marker.
      ...(made.team ? { teams: { 'team_{v}': { for: { v: made.team.values }, ...made.team.app } } } : {}),
      ...(made.readers ? { readers: made.readers } : {}),
      ...(made.removal ? { removal: made.removal } : {}),
      ...(made.backup ? { backup: made.backup } : {}),
    }));
}

/** Documents in which all names and references are right. Whether the engine accepts its parts is up to `part`. */
export function validManifest(part: EnginePart): fc.Arbitrary<ManifestDocument> {
  const some = (min: number, max: number): fc.Arbitrary<string[]> => fc.uniqueArray(goodName, { minLength: min, maxLength: max });
  return fc.record({ instances: some(1, 3), names: some(3, 7) }).chain((frame) => documentOf(part, frame));
}

/** The document as YAML, in one of several styles. */
export function writtenAs(document: unknown, style: 'block' | 'flow' | 'json'): string {
  if (style === 'json') return JSON.stringify(document);
  return new Document(document, { aliasDuplicateObjects: false }).toString({ collectionStyle: style, lineWidth: 0 });
}

const style = fc.constantFrom<'block' | 'flow' | 'json'>('block', 'flow', 'json');

const anyValue = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 2, arbitrary: fc.oneof(fc.integer(), fc.double(), fc.boolean(), fc.constant(null)) },
  { weight: 1, arbitrary: fc.anything({ maxDepth: 2, key: hostileText, values: [hostileText, fc.integer()], withNullPrototype: false }) },
);

interface Mutation {
  readonly where: number;
  readonly what: 'remove' | 'replace' | 'rename' | 'add' | 'copy';
  readonly text: string;
  readonly value: unknown;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  where: fc.nat(),
  what: fc.constantFrom<Mutation['what']>('remove', 'replace', 'rename', 'add', 'copy'),
  text: hostileText,
  value: anyValue,
});

/** Every map and list in the document, as [container, key]. */
function placesIn(value: unknown, places: [Record<string, unknown>, string][] = []): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return places;
  for (const key of Object.keys(value)) {
    const container = value as Record<string, unknown>;
    places.push([container, key]);
    placesIn(container[key], places);
  }
  return places;
}

function mutate(document: ManifestDocument, mutations: readonly Mutation[]): unknown {
  const copy: unknown = structuredClone(document);
  for (const { where, what, text, value } of mutations) {
    const places = placesIn(copy);
    const place = places[where % Math.max(1, places.length)];
    if (!place) continue;
    const [container, key] = place;
    const old = container[key];
    if (what === 'remove' || what === 'rename') {
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else Reflect.deleteProperty(container, key);
    }
    if (what === 'rename' && !Array.isArray(container))
      Object.defineProperty(container, text, { value: old, enumerable: true, configurable: true, writable: true });
    if (what === 'replace') container[key] = value;
    // A list with a property of its own, as `constructor`, breaks the code that damages it further.
    if (what === 'add' && Array.isArray(old)) old.push(value);
    else if (what === 'add' && typeof old === 'object' && old !== null)
      Object.defineProperty(old, text, { value, enumerable: true, configurable: true, writable: true });
    if (what === 'copy')
      container[key] = structuredClone(places[text.length % places.length]?.[0][places[text.length % places.length]?.[1] ?? '']);
  }
  return copy;
}

const snippet = fc.oneof(
  fc.constantFrom(
    '&a ',
    '*a',
    '<<: *a',
    '!!binary ',
    '!x ',
    '? ',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '|',
    '>-',
    '#',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '\t',
    '\r\n',
    '\n',
    '\u0000',
    '${',
    '${X}',
    '{v}',
    '\ufeff',
  ),
  hostileText,
);

interface Edit {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({ at: fc.nat(), cut: fc.integer({ min: 0, max: 30 }), put: snippet });

function editText(text: string, edits: readonly Edit[]): string {
  return edits.reduce((now, { at, cut, put }) => {
    const start = at % (now.length + 1);
    return now.slice(0, start) + put + now.slice(start + cut);
  }, text);
}

/** Manifests of every degree of damage: right ones, ones with other values, with characters cut and put in, and mere noise. */
export function manifestSource(part: EnginePart): fc.Arbitrary<string> {
  const valid = validManifest(part);
  const mutated = fc
    .tuple(valid, fc.array(mutation, { minLength: 1, maxLength: 4 }), style)
    .map(([document, mutations, as]) => writtenAs(mutate(document, mutations), as));
  const whole = fc.tuple(valid, style).map(([document, as]) => writtenAs(document, as));
  const edited = fc
    .tuple(fc.oneof(whole, mutated), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([text, edits]) => editText(text, edits));
  const noise = fc.array(snippet, { maxLength: 30 }).map((parts) => parts.join(''));
  const other = fc.tuple(anyValue, style).map(([value, as]) => writtenAs(value, as));
  return fc.oneof(
    { weight: 2, arbitrary: whole },
    { weight: 6, arbitrary: mutated },
    { weight: 4, arbitrary: edited },
    { weight: 1, arbitrary: noise },
    { weight: 1, arbitrary: other },
  );
}

/** The same sequence for the same seed, made a part at a time. */
export function* manifestSources(part: EnginePart, options: { readonly seed: number; readonly count: number }): Generator<string> {
  const arbitrary = manifestSource(part);
  const size = 100;
  for (let made = 0, round = 0; made < options.count; made += size, round++) {
    yield* fc.sample(arbitrary, { seed: options.seed + round, numRuns: Math.min(size, options.count - made) });
  }
}

/** The same meaning with keys in another order and with comments. */
export function rearranged(source: string): string {
  const document: unknown = parseDocument(source).toJS();
  return `# so\n${writtenAs(reverseKeys(document), 'block')}\n# and so\n`;
}

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reverseKeys(member)]),
  );
}
