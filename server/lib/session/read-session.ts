import { isSyncRole } from '#or3-sync/shared/sync/protocol/is-sync-role'
import { primaryKeyError } from '#or3-sync/shared/sync/protocol/primary-key'
import type { GatewaySession } from './gateway-session'

type Workspace = GatewaySession['workspaces'][number]

const ID = 'text of 1 to 256 characters without control characters'

/**
 * Checks what the app's `session` returned. A workspace with an unknown role is left out, as if the user were no member, and `onUnknownRole`
 * is told.
 *
 * @throws TypeError that says what is wrong with it, and what would be right.
 */
export function readSession(returned: unknown, onUnknownRole: (role: unknown) => void): GatewaySession | null {
  if (returned === null || returned === undefined) return null
  if (typeof returned !== 'object') throw outOfForm('session', returned, '{ userId, workspaces: [{ id, role }] }, or null for nobody')
  const { userId, name, workspaces } = returned as Record<string, unknown>
  if (!isId(userId)) throw outOfForm('session.userId', userId, ID)
  if (!Array.isArray(workspaces)) throw outOfForm('session.workspaces', workspaces, 'a list of { id, name?, role }')
  return { userId, ...typeof name === 'string' && { name }, workspaces: readWorkspaces(workspaces, onUnknownRole) }
}

function readWorkspaces(given: unknown[], onUnknownRole: (role: unknown) => void): Workspace[] {
  const ids = new Set<string>()
  return given.flatMap((each, index): Workspace[] => {
    const { id, name, role } = (each ?? {}) as Record<string, unknown>
    if (!isId(id)) throw outOfForm(`session.workspaces[${index}].id`, id, ID)
    if (ids.has(id)) throw outOfForm(`session.workspaces[${index}].id`, id, 'in the list once')
    ids.add(id)
    if (isSyncRole(role)) return [{ id, ...typeof name === 'string' && { name }, role }]
    onUnknownRole(role)
    return []
  })
}

function isId(value: unknown): value is string {
  return primaryKeyError(value) === null
}

function outOfForm(field: string, value: unknown, right: string): TypeError {
  const shown = typeof value === 'string' || typeof value === 'number' ? `${JSON.stringify(value)} (${typeof value})` : value === null ? 'null' : typeof value
  return new TypeError(`[or3-sync] ${field} is ${shown}; it must be ${right}`)
}
