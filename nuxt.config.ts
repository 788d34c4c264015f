import { fileURLToPath } from 'node:url'
import { pwa } from './playground/pwa'

const OUTPUT = process.env.OR3_OUTPUT_DIR || '.output'

/**
 * Runs the playground with the module from source. `server/` of this repository is the module's own: only the module adds
 * it, so that a forgotten `addServerScanDir` would show here too.
 */
export default defineNuxtConfig({
  modules: ['@nuxt/ui', 'nuxt-auth-utils', 'nuxt-security', '@vite-pwa/nuxt', './playground/modules/icons', './src/module'],
  // Vite's development client needs more than a policy worth having allows.
  $development: { security: { headers: { contentSecurityPolicy: false } } },

  // Dev tooling must not need the network.
  devtools: { enabled: false },

  css: ['~/assets/css/main.css'],
  // Of Nuxt UI comes the theme; its components would be about 65 kB of scripts. `playground/app/components/ui` has what is needed.
  ui: { fonts: false },
  runtimeConfig: {
    session: { password: '' },
    // Whether a name is enough to sign in; the server says it when it starts (OR3_PLAYGROUND_DEMO).
    public: { demo: false },
  },
  dir: {
    shared: 'playground/shared',
    public: fileURLToPath(new URL('./playground/public', import.meta.url)),
  },
  srcDir: 'playground/app',
  serverDir: 'playground/server',
  // Several builds may stand side by side: the end-to-end tests make their own.
  buildDir: process.env.OR3_BUILD_DIR || '.nuxt',
  // What `convex/` imports is checked and bundled from source here.
  alias: { 'or3-sync/convex': fileURLToPath(new URL('./src/convex/index.ts', import.meta.url)) },
  // The app without any rows, which the service worker shows when the server cannot be reached.
  routeRules: { '/app-shell': { ssr: false } },
  devServer: { port: 3000 },
  experimental: {
    // What a link leads to is loaded by `pages-at-hand.client.ts`.
    defaults: { nuxtLink: { prefetch: false } },
    // Only for rules that the browser has to know. There are none.
    appManifest: false,
  },
  compatibilityDate: '2026-01-01',
  nitro: {
    // For slow connections: scripts and styles are about a third as large.
    compressPublicAssets: true,
    output: { dir: OUTPUT, publicDir: `${OUTPUT}/public` },
    // In development also by hand: POST /_nitro/tasks/notes:digest
    scheduledTasks: { '0 7 * * *': ['notes:digest'] },
  },
  // The end-to-end tests look at everything in which the server's HTML and the browser differ. Otherwise Vue leaves out attributes.
  vite: process.env.OR3_HYDRATION_DETAILS ? { define: { __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'true' } } : {},
  typescript: {
    strict: true,
    tsConfig: {
      include: ['../src/**/*', '../convex/**/*', '../test/**/*', '../bench/**/*', '../scripts/**/*', '../docs/.vitepress/**/*.ts', '../*.config.ts'],
      exclude: ['../test/fixtures/**/*'],
    },
  },
  telemetry: false,
  hooks: {
    // The page loads what it needs first. The rest comes once it is at rest: `pages-at-hand.client.ts`.
    'build:manifest': (manifest) => { for (const chunk of Object.values(manifest)) chunk.prefetch = false },
  },
  icon: {
    provider: 'none',
    fallbackToApi: false,
  },
  or3Sync: {
    ssrAuthEnabled: true,
    enabled: true,
  },
  pwa,
  // Headers only: sizes, rates and origins of the sync routes are the gateway's own business.
  security: {
    rateLimiter: false,
    requestSizeLimiter: false,
    xssValidator: false,
    corsHandler: false,
    headers: {
      contentSecurityPolicy: {
        'default-src': ['\'self\''],
        'base-uri': ['\'none\''],
        // `content-security-policy.ts` of the server adds a Convex deployment, where there is one.
        'connect-src': ['\'self\''],
        'font-src': ['\'self\''],
        'form-action': ['\'self\''],
        'frame-ancestors': ['\'none\''],
        'img-src': ['\'self\'', 'data:'],
        'manifest-src': ['\'self\''],
        'object-src': ['\'none\''],
        'script-src': ['\'self\'', '\'nonce-{{nonce}}\'', '\'strict-dynamic\''],
        'script-src-attr': ['\'none\''],
        // Nuxt UI writes its colours into a style element, and floating menus set their place by attributes.
        'style-src': ['\'self\'', '\'unsafe-inline\''],
        'worker-src': ['\'self\''],
        // The demo runs over plain http, too.
        'upgrade-insecure-requests': false,
      },
      strictTransportSecurity: { maxAge: 15_552_000, includeSubdomains: false },
      xFrameOptions: 'DENY',
    },
  },
})
