import type { SyncRole } from '#or3-sync/shared/sync/protocol/types'

/** Who is asking, and which workspaces they may see. */
export interface GatewaySession {
  userId: string
  name?: string
  /** `owner` and `editor` write, `viewer` reads. */
  workspaces: { id: string, name?: string, role: SyncRole }[]
}
