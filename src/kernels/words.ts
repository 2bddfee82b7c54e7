/** Memory for words, by name: a caller that sorts again and again lends the same. */
export type WordRoom = (slot: string, length: number) => Uint32Array;

export const newWords: WordRoom = (_, length) => new Uint32Array(length);
