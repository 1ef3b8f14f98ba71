import { createServer, type Server } from 'node:http';
import { inTheDark, type Exhibit } from './gallery.js';
import { exhibitPage, indexPage } from './page.js';

/** Serves the gallery; not listening yet. */
export function createGalleryServer(exhibits: readonly Exhibit[]): Server {
  const pages = new Map<string, string>([['/', indexPage(exhibits)]]);
  for (const exhibit of exhibits) {
    const path = `/${encodeURIComponent(exhibit.id)}`;
    pages.set(path, exhibitPage(exhibit));
    pages.set(`${path}/light.html`, exhibit.email.html);
    pages.set(`${path}/dark.html`, inTheDark(exhibit.email.html));
    pages.set(`${path}/text.txt`, exhibit.email.text);
  }
  return createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const content = pages.get(path);
    const type = path.endsWith('.txt') ? 'text/plain' : 'text/html';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` });
    response.end(content ?? 'There is no such email.');
  });
}
