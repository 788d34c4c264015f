/** Tells the gateway who is asking and where they belong. */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('or3-sync:session', async (event, ctx) => {
    const { user } = await getUserSession(event)
    if (!user) return
    ctx.session = { userId: user.id, name: user.name, workspaces: workspacesOf(user) }
  })
})
