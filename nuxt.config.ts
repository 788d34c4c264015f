import { fileURLToPath } from 'node:url'

/**
 * Runs the playground with the module from source. `server/` of this repository is the module's own: only the module adds
 * it, so that a forgotten `addServerScanDir` would show here too.
 */
export default defineNuxtConfig({
  modules: ['@nuxt/ui', 'nuxt-auth-utils', './src/module'],

  // Dev tooling must not need the network.
  devtools: { enabled: false },

  css: ['~/assets/css/main.css'],
  ui: { fonts: false },
  runtimeConfig: {
    // The demo runs over plain http on 127.0.0.1. An app behind https leaves this out.
    session: { password: '', cookie: { secure: false } },
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
  devServer: { port: 3000 },
  compatibilityDate: '2026-01-01',
  nitro: {
    output: { dir: process.env.OR3_OUTPUT_DIR || '.output' },
  },
  typescript: {
    strict: true,
    tsConfig: {
      include: ['../src/**/*', '../convex/**/*', '../test/**/*', '../bench/**/*', '../scripts/**/*', '../*.config.ts'],
      exclude: ['../test/fixtures/**/*'],
    },
  },
  telemetry: false,
  icon: {
    provider: 'none',
    fallbackToApi: false,
    clientBundle: { scan: true },
  },
  or3Sync: {
    ssrAuthEnabled: true,
    enabled: true,
  },
})
