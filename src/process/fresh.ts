/** Reads at most once in so many ms, however many ask: all share one reading. One that failed is not kept. */
export function freshFor<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  let known: { readonly at: number; readonly value: Promise<T> } | null = null;
  return () => {
    if (known !== null && Date.now() - known.at <= ms) return known.value;
    const asked = { at: Date.now(), value: read() };
    known = asked;
    asked.value.catch(() => {
      if (known === asked) known = null;
    });
    return asked.value;
  };
}
