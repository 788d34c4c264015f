import { defineConfig } from 'vitepress'
import { writeForModels } from './llms'
import { markdown } from './markdown'
import { GROUPS } from './pages'

/** The path below which the site is served, with a slash at both ends. Default: `/`. */
const base = process.env.DOCS_BASE || '/'

export default defineConfig({
  base,
  title: 'or3-sync',
  description: 'Local-first sync for Nuxt: read and write Dexie, every change reaches every tab, device and member.',
  lang: 'en',
  markdown,
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}logo.svg` }]],
  // Dead links fail the build, but for those to the reader's own machine. Anchors are checked by test/unit/docs/links.test.ts.
  ignoreDeadLinks: 'localhostLinks',
  buildEnd: ({ outDir }) => writeForModels(outDir, base),
  // Pictures stay files, which a strict Content-Security-Policy lets pass.
  vite: { build: { assetsInlineLimit: 0 } },
  themeConfig: {
    logo: '/logo.svg',
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Guides', link: '/guides/deploying' },
      { text: 'Reference', link: '/reference' },
      { text: 'Comparison', link: '/comparison' },
    ],
    sidebar: GROUPS.map(({ title, pages, collapsed = false }) => ({
      text: title,
      collapsed,
      items: pages.map(({ path, title: text }) => ({ text, link: `/${path}` })),
    })),
    outline: { level: [2, 3] },
    // Built into the site: no request leaves it. Pages about the inside come last. The function runs in the browser, so it can use nothing from here.
    search: {
      provider: 'local',
      options: { miniSearch: { searchOptions: { boostDocument: id => /\/(?:architecture|testing|dependencies|releasing)\.html/.test(String(id)) ? 0.2 : 1 } } },
    },
  },
})
