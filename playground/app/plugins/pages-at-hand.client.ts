/** Rows come first, but not if it takes them longer than this, in milliseconds. */
const PATIENCE_MS = 5_000
/** And then the user, who may want something of the page at once, in milliseconds. */
const PAUSE_MS = 1_000

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/**
 * Loads the code of all pages in advance, so that each can be opened, and the user can sign out, while the server is away. Then it registers the
 * service worker, with which the app also starts without the server. In development there is none.
 */
export default defineNuxtPlugin({
  name: 'playground-pages-at-hand',
  dependsOn: ['convex-sync'],
  setup({ $syncEngine }) {
    onNuxtReady(async () => {
      await Promise.race([$syncEngine.whenCaughtUp().catch(() => undefined), sleep(PATIENCE_MS)])
      await sleep(PAUSE_MS)
      for (const page of ['/', '/notes', '/sync', '/two-devices', '/sign-in']) await preloadRouteComponents(page)
      await loadMarkdown()
      if (import.meta.dev || !('serviceWorker' in navigator)) return
      // It fails in some private windows. Then the app needs its server to start.
      await navigator.serviceWorker.register('/sw.js').catch(() => undefined)
    })
  },
})
