import type { Browser } from 'playwright-core'
import { generateTokenKeys } from '../../server/lib/tokens/generate-token-keys'
import { type Loopback, startLoopback } from '../convex/loopback/start-loopback'
import { Member } from './member'
import { MemberPage } from './member-page'
import { type PlaygroundServer, startPlayground } from './playground-server'

export interface ConvexPlayground {
  server: PlaygroundServer
  loopback: Loopback
  /** A window each, in one new workspace that all of them may write to. */
  open: (browser: Browser, ...names: string[]) => Promise<{ workspaceId: string, pages: MemberPage[] }>
  stop: () => Promise<void>
}

/** The built playground beside a loopback that takes its tokens and runs its functions. */
export async function startConvexPlayground(env: Record<string, string>): Promise<ConvexPlayground> {
  const { privateKey, jwksDataUri } = await generateTokenKeys()
  const loopback = await startLoopback({
    providers: [{ type: 'customJwt', issuer: 'https://or3-sync', applicationID: 'or3-sync', algorithm: 'ES256', jwks: jwksDataUri }],
  })
  const server = await startPlayground({ VITE_CONVEX_URL: loopback.url, OR3_SYNC_TOKEN_KEY: privateKey, ...env })
  return {
    server, loopback,
    async open(browser, ...names) {
      const members = await Promise.all(names.map(name => Member.signIn(server.origin, name)))
      const [owner, ...others] = members as [Member, ...Member[]]
      const workspaceId = await owner.createWorkspace(`Workspace of ${names.join(', ')}`)
      for (const other of others) await owner.addMember(workspaceId, other.name)
      // The deployment reads membership from its own data.
      for (const { name } of members) await loopback.run('members:set', { workspaceId, userId: name.toLowerCase(), role: 'editor' })
      const pages: MemberPage[] = []
      for (const member of members) pages.push(await MemberPage.open(browser, member, workspaceId))
      return { workspaceId, pages }
    },
    async stop() {
      await server.stop()
      await loopback.stop()
    },
  }
}
