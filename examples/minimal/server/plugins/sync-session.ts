// Everybody who opens this app is the same person. Before you put it online, answer here who is signed in:
// nuxt-auth-utils, Better Auth, Clerk and others are in docs/auth.md of or3-sync.
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('or3-sync:session', (_event, ctx) => {
    ctx.session = { userId: 'me', workspaces: [{ id: 'home', role: 'owner' }] }
  })
})
