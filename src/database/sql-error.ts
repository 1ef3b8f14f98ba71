/**
 * An error of PostgreSQL without the values that it quotes: the drivers' own errors carry parameters, rows and the
 * whole statement, which must never reach a log.
 */
class SqlError extends Error {
  override readonly name = 'SqlError';

  constructor(
    /** SQLSTATE: five characters, as `23505`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The error as callers may see it: PostgreSQL's without values, any other (a lost connection) as it is. */
export function withoutValues(error: unknown): unknown {
  const code = sqlStateOf(error);
  if (code === null) return error;
  const { message, table, constraint } = error as { message?: string; table?: string; constraint?: string };
  const where = [table, constraint].filter((name) => name !== undefined).join(', ');
  const said = (message ?? '').replace(/"[^"]*("|$)/gs, '"…"');
  return new SqlError(code, `${code}: ${said}${where === '' ? '' : ` (${where})`}`);
}

/**
 * Whether the session that rejected so is of no more use: its server is ending (57P…), can't be reached (08…, or an
 * error of the connection's own), says nothing, or takes no writes (25006), as one that was demoted in a failover.
 */
export function endsSession(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === null || code === '25006' || code.startsWith('57P') || code.startsWith('08');
}

/** The five characters by which PostgreSQL names an error (`23505`); null when it isn't one of its errors. */
export function sqlStateOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  // Each of them has a digit; Node's EPIPE has none.
  return typeof error.code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}
