import type { Browser } from 'playwright-core'
import { Member } from './member'
import { MemberPage } from './member-page'

export interface SharedWorkspace<P> {
  workspaceId: string
  pages: P
}

/** Signs everybody in, puts them into one new workspace (the first owns it, the others edit), and opens a window for each. */
export async function openSharedWorkspace<const N extends readonly [string, ...string[]]>(
  browser: Browser,
  origin: string,
  names: N,
): Promise<SharedWorkspace<{ [K in keyof N]: MemberPage }>> {
  const [owner, ...others] = await Promise.all(names.map(name => Member.signIn(origin, name)))
  const workspaceId = await owner!.createWorkspace(`Workspace of ${names.join(', ')}`)
  for (const other of others) await owner!.addMember(workspaceId, other.name)
  const pages: MemberPage[] = []
  for (const member of [owner!, ...others]) pages.push(await MemberPage.open(browser, member, workspaceId))
  return { workspaceId, pages: pages as { [K in keyof N]: MemberPage } }
}
