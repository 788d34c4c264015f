/** Tells the gateway who is asking and where they belong. */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('or3-sync:session', async (event, ctx) => {
    // Without its cookie there is nobody. Asking all the same would set a fresh one, and might undo a sign-in under way.
    if (!getCookie(event, 'nuxt-session')) return
    const { user } = await getUserSession(event)
    if (!user) return
    ctx.session = { userId: user.id, name: user.name, workspaces: workspacesOf(user) }
  })
})
