import type { ModuleOptions } from '@vite-pwa/nuxt'

/**
 * The playground as an installable app. The service worker keeps scripts, styles and the shell: the app without any rows. It never keeps a page
 * that the server has rendered, because it has a user's rows, nor anything of `/api`. Pages come from the server; only if it cannot be reached,
 * the shell takes their place, and shows the rows of this device.
 */
export const pwa: ModuleOptions = {
  // `app/plugins/service-worker.client.ts` registers it, once the page is at rest.
  injectRegister: null,
  client: { registerPlugin: false },
  registerType: 'autoUpdate',
  manifest: {
    name: 'or3-sync playground',
    short_name: 'or3-sync',
    description: 'Chat and notes that live on your device and follow you everywhere.',
    theme_color: '#4338ca',
    background_color: '#ffffff',
    display: 'standalone',
    start_url: '/',
    icons: [
      { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
      { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
      { src: '/icon-maskable.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    ],
  },
  workbox: {
    globPatterns: ['_nuxt/**/*.{js,css}', '*.{svg,png}'],
    navigateFallback: null,
    // A revision for each build: the shell names its scripts.
    additionalManifestEntries: [{ url: '/app-shell', revision: String(Date.now()) }],
    skipWaiting: true,
    clientsClaim: true,
    cleanupOutdatedCaches: true,
    runtimeCaching: [{
      urlPattern: ({ request, url }) => request.mode === 'navigate' && !url.pathname.startsWith('/api/'),
      handler: 'NetworkOnly',
      options: { precacheFallback: { fallbackURL: '/app-shell' } },
    }],
  },
}
