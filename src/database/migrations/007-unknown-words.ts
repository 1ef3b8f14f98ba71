/**
 * Words that the partner's API used for how things stand and that no table has, by where they stood: plain ones only, all
 * others count as the empty word. They name nobody, and aren't kept with whom they were about.
 */
export const unknownWords: readonly string[] = [
  `create table unknown_words (
    place text not null,
    word text not null,
    answers bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (place, word))`,
];
