/**
 * SQL: the id of the key under which a value of the column `sealed` is sealed; null for what is too short to be sealed.
 * The expression of the indexes by key, so it must stay as it is. What `src/sealing` writes begins with a version, the
 * length of the key's id, and the id.
 */
export const SEALED_KEY = `case when length(sealed) > 2 then substring(sealed from 3 for get_byte(sealed, 1)) end`;
