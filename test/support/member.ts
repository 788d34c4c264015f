import type { JsonValue, PullResponse, SyncRole, WirePayload } from '#or3-sync/shared/sync/protocol/types'

/** A row as both a device and the store can show it: wire fields, key and engine columns. */
export type ComparableRow = Record<string, JsonValue>

/** Somebody signed in at a playground server, speaking HTTP as a browser would. */
export class Member {
  private constructor(readonly origin: string, readonly name: string, readonly cookie: string) {}

  static async signIn(origin: string, name: string): Promise<Member> {
    const response = await fetch(`${origin}/api/auth/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    })
    if (!response.ok) throw new Error(`sign-in of "${name}" answered ${response.status}: ${await response.text()}`)
    const cookie = response.headers.getSetCookie().map(each => each.split(';', 1)[0]).join('; ')
    return new Member(origin, name, cookie)
  }

  /** Makes a workspace that this member owns, and returns its id. */
  async createWorkspace(name: string): Promise<string> {
    const { id } = await this.post<{ id: string }>('/api/workspaces', { name })
    return id
  }

  async addMember(workspaceId: string, name: string, role: SyncRole = 'editor'): Promise<void> {
    await this.post(`/api/workspaces/${encodeURIComponent(workspaceId)}/members`, { name, role })
  }

  /** The JSON of a reply that is 2xx; anything else throws. */
  async post<T>(path: string, body: unknown): Promise<T> {
    const response = await fetch(this.origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'cookie': this.cookie },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`)
    return await response.json() as T
  }

  /** The rows the store holds of one table, by primary key, read through `POST /api/sync/pull`. */
  async storedRows(workspaceId: string, table: string): Promise<ComparableRow[]> {
    const rows: [pk: string, row: ComparableRow][] = []
    let cursor = 0
    for (;;) {
      const page = await this.post<PullResponse>('/api/sync/pull', { scope: { workspaceId }, cursor, limit: 2000, tables: [table] })
      for (const change of page.changes) {
        if (change.op === 'put') rows.push([change.pk, toRow(change.payload ?? {}, change.stamp)])
      }
      cursor = page.nextCursor
      if (!page.hasMore) break
    }
    return rows.sort(([a], [b]) => a < b ? -1 : 1).map(([, row]) => row)
  }
}

function toRow(payload: WirePayload, stamp: { clock: number, hlc: string, opId: string }): ComparableRow {
  return { ...payload, clock: stamp.clock, hlc: stamp.hlc, op_id: stamp.opId }
}
