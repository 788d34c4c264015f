/** Loads the code of all pages in advance, so that each can be opened, and the user can sign out, while the server is away. */
export default defineNuxtPlugin({
  name: 'playground-pages-at-hand',
  setup() {
    onNuxtReady(async () => {
      for (const page of ['/', '/notes', '/sync', '/sign-in']) await preloadRouteComponents(page)
    })
  },
})
