/** Tells the gateway who makes a request and which workspaces they have. */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('or3-sync:session', async (event, ctx) => {
    // Without the cookie nobody is signed in. Reading the session would then set a new cookie, which could undo a sign-in in progress.
    if (!getCookie(event, 'nuxt-session')) return
    const { user } = await getUserSession(event)
    if (!user) return
    ctx.session = { userId: user.id, name: user.name, workspaces: workspacesOf(user) }
  })
})
