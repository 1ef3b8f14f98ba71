// The Markdown stays where it is and as GitHub shows it; everything that a site needs beside it is done here.
import { Buffer } from 'node:buffer';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderMermaidSVG } from 'beautiful-mermaid';
import { defineConfig } from 'vitepress';
import { deadLinks, isOutside, resolveLink, slugOf } from '../links.ts';
import { addressOf, BESIDE, chaptersOf } from '../pages.ts';

const here = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const repository = {
  has: (path) => existsSync(join(root, path)),
  read: (path) => readFileSync(join(root, path), 'utf8'),
};
const pagesUnder = (folder) =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return path === 'docs/site' ? [] : pagesUnder(path);
    return path.endsWith('.md') ? [path] : [];
  });
const pages = [...Object.keys(BESIDE), ...pagesUnder('docs')];

// VitePress looks at links between pages; this at headings, and at files, too.
const dead = deadLinks(pages, repository);
if (dead.length > 0) throw new Error(`dead links:\n${dead.join('\n')}`);

/** What pages link to and is no page (code, manifests): copied beside the site as text, so that links work offline. */
const sources = new Set();

/** Relative links become addresses of the site. Pictures stay as they are: Vite takes them from where they lie. */
function siteLinks(markdown) {
  const written = markdown.renderer.rules.link_open;
  markdown.renderer.rules.link_open = (tokens, place, options, env, self) => {
    const token = tokens[place];
    const target = token.attrGet('href') ?? '';
    if (!isOutside(target) && !target.startsWith('#')) {
      // VitePress may have read the address by now: it drops `.md`, and puts `.html` there.
      const found = resolveLink(relative(root, env.realPath ?? env.path), target.replace(/\.html(?=#|$)/, '.md'));
      const address = found === null ? null : addressOf(found.path, repository);
      if (found !== null && address !== null)
        token.attrSet('href', `${address}${found.anchor === null ? '' : `#${found.anchor}`}`);
      else if (found !== null) {
        sources.add(found.path);
        token.attrSet('href', `/source/${found.path}.txt`);
        token.attrSet('target', '_blank');
      }
    }
    return written ? written(tokens, place, options, env, self) : self.renderToken(tokens, place, options);
  };
}

/** Mermaid is drawn here rather than in the reader's browser: no script for it, and no font from elsewhere. */
function drawings(markdown) {
  const written = markdown.renderer.rules.fence;
  const drawn = (code, colours, shownIn) => {
    const svg = renderMermaidSVG(code, { ...colours, transparent: true }).replaceAll(/@import url\([^)]*\);/g, '');
    const data = Buffer.from(svg).toString('base64');
    return `<img class="${shownIn}" alt="A diagram; the page's source has it as text" src="data:image/svg+xml;base64,${data}">`;
  };
  markdown.renderer.rules.fence = (tokens, place, ...rest) => {
    const { info, content } = tokens[place];
    if (info.trim() !== 'mermaid') return written(tokens, place, ...rest);
    const light = drawn(
      content,
      { bg: '#ffffff', fg: '#1c2b33', accent: '#0b5563', muted: '#1c2b33', line: '#5d7480' },
      'by-day',
    );
    return `<p class="drawing">${light}${drawn(content, { bg: '#1b1b1f', fg: '#e6edf0', accent: '#58b4c4', muted: '#e6edf0', line: '#9fb3bd' }, 'by-night')}</p>\n`;
  };
}

const filesUnder = (path) =>
  statSync(join(root, path)).isDirectory()
    ? readdirSync(join(root, path)).flatMap((name) => filesUnder(`${path}/${name}`))
    : [path];

export default defineConfig({
  title: 'kit-herald',
  description: 'Tells each patient what became of their at-home lab kit, and can prove it.',
  lang: 'en',
  srcDir: root,
  outDir: fileURLToPath(new URL('../dist', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../node_modules/.cache/vitepress', import.meta.url)),
  srcExclude: [
    ...readdirSync(root)
      .filter((name) => name !== 'docs' && !(name in BESIDE))
      .map((name) => `${name}/**`),
    'docs/site/**',
  ],
  rewrites: {
    ...BESIDE,
    'docs/README.md': 'index.md',
    'docs/:folder/README.md': ':folder/index.md',
    'docs/:rest*': ':rest*',
  },
  cleanUrls: false,
  markdown: {
    anchor: { slugify: slugOf },
    config(markdown) {
      siteLinks(markdown);
      drawings(markdown);
    },
    // Bare names such as docs.rs or jane@example.com are words here.
    linkify: false,
  },
  themeConfig: {
    search: { provider: 'local', options: { detailedView: true } },
    sidebar: chaptersOf(repository),
    outline: { level: [2, 3] },
    socialLinks: [],
    docFooter: { prev: false, next: false },
  },
  vite: {
    server: { fs: { allow: [root] } },
    plugins: [
      {
        // Pages become modules where they lie, which is outside this folder: what they import is found from here.
        name: 'vue-from-here',
        enforce: 'pre',
        resolveId(source) {
          return /^vue($|\/)/.test(source) ? this.resolve(source, here, { skipSelf: true }) : null;
        },
      },
    ],
  },
  buildEnd({ outDir }) {
    for (const path of sources) {
      const file = join(outDir, 'source', `${path}.txt`);
      mkdirSync(dirname(file), { recursive: true });
      if (statSync(join(root, path)).isDirectory())
        writeFileSync(
          file,
          filesUnder(path)
            .map((one) => `──── ${one}\n\n${repository.read(one)}\n`)
            .join('\n'),
        );
      else copyFileSync(join(root, path), file);
    }
  },
});
