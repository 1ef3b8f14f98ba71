/** A link of a Markdown page, or a picture in it, as it is written. */
export interface Link {
  readonly target: string;
  readonly line: number;
}

/** The anchor that GitHub gives a heading, and so does the site. */
export const slugOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');

/** The lines of a page, those in fences left empty: they hold examples. */
function prose(text: string): string[] {
  let fence = '';
  return text.split('\n').map((line) => {
    const [, mark = ''] = /^\s*(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence === '') {
      fence = mark;
      return mark === '' ? line : '';
    }
    if (mark.startsWith(fence)) fence = '';
    return '';
  });
}

/** A heading as it is read: without what makes it code, a link or bold. */
const readAs = (heading: string): string =>
  heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .replaceAll(/(\*\*?)(.+?)\1/g, '$2');

/** Where links into a page may lead; the second heading of a name gets `-1`, as GitHub numbers them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of prose(text)) {
    const [, heading] = /^#{1,6}\s+(.*?)\s*#*$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const slug = slugOf(readAs(heading));
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${String(count)}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Every link and picture of a page but those in code. */
export function linksOf(text: string): Link[] {
  return prose(text).flatMap((line, place) =>
    [...line.replaceAll(/(`+).*?\1/g, '').matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)/g)].map(
      ([, inline, reference]) => ({ target: inline ?? reference ?? '', line: place + 1 }),
    ),
  );
}

export const isOutside = (target: string): boolean => /^[a-z][a-z+.-]*:/i.test(target);

/**
 * Where a relative link leads.
 * @param from the page that it stands on, as a path in this repository.
 * @returns a path in this repository (`''` is its root) and the anchor there, if one is named; null where it leads out of it.
 */
export function resolveLink(
  from: string,
  target: string,
): { readonly path: string; readonly anchor: string | null } | null {
  const { pathname, hash } = new URL(target, `file:///repository/${from}`);
  const path = decodeURIComponent(pathname);
  if (path !== '/repository' && !path.startsWith('/repository/')) return null;
  return {
    path: path.slice('/repository/'.length).replace(/\/$/, ''),
    anchor: hash === '' ? null : decodeURIComponent(hash.slice(1)),
  };
}

/** What a link finds in this repository. */
export interface Repository {
  /** Whether there is a file or a folder of this name. */
  has(path: string): boolean;
  read(path: string): string;
}

/** What is wrong with the links of some pages: each as `page:line: what`. */
export function deadLinks(pages: readonly string[], repository: Repository): string[] {
  const known = new Map<string, ReadonlySet<string>>();
  const anchorsIn = (page: string): ReadonlySet<string> => {
    const anchors = known.get(page) ?? anchorsOf(repository.read(page));
    known.set(page, anchors);
    return anchors;
  };
  return pages.flatMap((page) =>
    linksOf(repository.read(page))
      .filter(({ target }) => !isOutside(target))
      .flatMap(({ target, line }) => {
        const found = resolveLink(page, target);
        if (found === null || !repository.has(found.path)) return [`${page}:${String(line)}: ${target} is not there`];
        if (found.anchor === null || !found.path.endsWith('.md')) return [];
        return anchorsIn(found.path).has(found.anchor)
          ? []
          : [`${page}:${String(line)}: ${target} names no heading there`];
      }),
  );
}
