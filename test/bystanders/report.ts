import type { Case, Harm, Scene, Subject } from './frame.ts';

/** Everything that is needed to see it again: the seed, the world as somebody could make it by hand, the manifest, the story. */
export async function report<Piece>(subject: Subject<Piece>, seed: number, small: Case<Piece>, harms: readonly Harm[]): Promise<string> {
  return [
    `${subject.name}, SEED=${seed}: ${harms.length} that nobody was told of`,
    ...harms.map(line),
    '--- the world',
    await worldOf(subject, small.pieces),
    '--- pieces',
    ...small.pieces.map((piece) => JSON.stringify(piece)),
    '--- manifest',
    JSON.stringify(small.document, null, 1),
    '--- story',
    ...small.story.map((move) => JSON.stringify(move)),
  ].join('\n');
}

export function line({ kind, what, who, of, move, verb, before, after }: Harm): string {
  const whose = of === null ? 'a stranger' : `app ${of}`;
  return `${kind} in move ${move} (${verb}): ${what} [${who}, ${whose}]\n    before: ${short(before)}\n    after:  ${short(after)}`;
}

const short = (text: string): string => (text.length > 400 ? `${text.slice(0, 400)}…` : text);

async function worldOf<Piece>(subject: Subject<Piece>, pieces: readonly Piece[]): Promise<string> {
  await using scene: Scene = await subject.build(pieces);
  return scene.script();
}
