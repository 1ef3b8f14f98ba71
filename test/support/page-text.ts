const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'", '#x27': "'" };

/** The text of the first `pre` in a page; the whole page where it has none. */
export const preformatted = (page: string): string =>
  (/<pre[^>]*>([\s\S]*?)<\/pre/.exec(page)?.[1] ?? page).replaceAll(
    /&([a-z]+|#x?\w+);/g,
    (entity, name: string) => ENTITIES[name] ?? entity,
  );
