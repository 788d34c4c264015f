/** Every page can be opened while the server is away, the way out included. */
export default defineNuxtPlugin({
  name: 'playground-pages-at-hand',
  setup() {
    onNuxtReady(async () => {
      for (const page of ['/', '/notes', '/sync', '/sign-in']) await preloadRouteComponents(page)
    })
  },
})
