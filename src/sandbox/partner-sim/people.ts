/** A person of the stand-in's world. Everybody here is made up; example.com delivers nowhere. */
export interface SimPerson {
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
  readonly phone: string;
  readonly date_of_birth: string;
}

const NAMES: readonly (readonly [first: string, last: string])[] = [
  ['Ada', 'Byron'],
  ['Zoë', 'Nuñez'],
  ['Jürgen', 'Weiß'],
  ['Aoife', 'O’Neill'],
  ['Min-jun', 'Kim'],
  ['Søren', 'Aaby'],
  ['Chidi', 'Okafor'],
  ['Łucja', 'Żak'],
];

/** The nth person: the same one for the same n. */
export function personNumber(n: number): SimPerson {
  const [first, last] = NAMES[n % NAMES.length] ?? ['Ada', 'Byron'];
  return {
    first_name: first,
    last_name: last,
    email: `patient${n}@example.com`,
    phone: `+1555${String(n).padStart(7, '0')}`,
    date_of_birth: '1980-02-29',
  };
}
