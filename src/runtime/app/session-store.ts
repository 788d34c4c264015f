import { shallowReactive } from 'vue'
import { SyncError } from '../shared/sync/errors'
import { GATEWAY_BASE } from '../shared/sync/limits'
import type { SessionResponse, SyncRole, SyncWorkspace } from '../shared/sync/types'

/** `loading`: not known yet. `expired`: the server knows nobody, but the user has not signed out: edits are still captured. */
export type SessionStatus = 'loading' | 'authenticated' | 'expired' | 'unauthenticated'

export interface SessionState {
  status: SessionStatus
  userId: string | null
  workspaceId: string | null
  /** Null with a `workspaceId`: no member of it any more. */
  role: SyncRole | null
  workspaces: SyncWorkspace[]
}

export interface KnownSession {
  userId: string
  workspaces: SyncWorkspace[]
  /** Default: the one used last, else the first. */
  workspaceId?: string
}

const STORAGE_KEY = 'or3-sync:session'
/** The app does not wait longer for the server to say who is there. */
const FIRST_ANSWER_MS = 3_000

/** Who is signed in, in this browser: asked of the server, remembered for the next time without it. */
export class SessionStore {
  readonly state = shallowReactive<SessionState>({ status: 'loading', userId: null, workspaceId: null, role: null, workspaces: [] })
  readonly #listeners = new Set<() => void>()
  #asking: Promise<void> | null = null
  #first: Promise<SessionState> | null = null

  constructor(private readonly options: { baseURL: string }) {
    // Signing out in one tab is meant for all of them.
    window.addEventListener('storage', ({ key, newValue }) => {
      if (key === STORAGE_KEY && newValue === null) this.#set(nobody())
    })
  }

  /** Signed in, in a workspace whose membership has ended. */
  get isBarred(): boolean {
    const { status, workspaceId, role } = this.state
    return status === 'authenticated' && workspaceId !== null && role === null
  }

  /** Calls back when user, workspace, role or status changed. */
  onChange(callback: () => void): void {
    this.#listeners.add(callback)
  }

  /** The first answer: the server's, or after 3 s (or offline) the last session's. */
  first(): Promise<SessionState> {
    return this.#first ??= this.#awaitFirst()
  }

  async #awaitFirst(): Promise<SessionState> {
    const answer = this.refresh()
    let timer: ReturnType<typeof setTimeout> | undefined
    const patience = new Promise<void>((resolve) => { timer = setTimeout(resolve, navigator.onLine === false ? 0 : FIRST_ANSWER_MS) })
    await Promise.race([answer, patience])
    clearTimeout(timer)
    if (this.state.status === 'loading') this.#fallBack()
    return this.state
  }

  /** Asks the server again. Resolves when the answer, or its absence, has taken effect. */
  refresh(): Promise<void> {
    return this.#asking ??= this.#ask().finally(() => { this.#asking = null })
  }

  /** The app knows its session by itself. */
  set(session: KnownSession | null): void {
    if (!session) this.#set(this.state.userId ? { ...this.state, status: 'expired' } : nobody())
    else this.#enter(session.userId, session.workspaces, session.workspaceId)
  }

  /** @throws SyncError `NOT_FOUND` for a workspace that this user does not have. */
  switchWorkspace(id: string): void {
    const { userId, workspaces } = this.state
    if (!userId || !workspaces.some(workspace => workspace.id === id)) {
      throw new SyncError('NOT_FOUND', `workspace "${id}" is none of this user's; they are: ${workspaces.map(workspace => workspace.id).join(', ') || 'none'}`)
    }
    this.#enter(userId, workspaces, id)
  }

  forget(): void {
    localStorage.removeItem(STORAGE_KEY)
    this.#set(nobody())
  }

  async #ask(): Promise<void> {
    let session: SessionResponse
    try {
      const response = await fetch(`${this.options.baseURL}${GATEWAY_BASE}/session`, { credentials: 'same-origin', cache: 'no-store' })
      if (!response.ok) throw new SyncError('SERVER_ERROR', `GET /session answered ${response.status}`, { status: response.status })
      session = await response.json() as SessionResponse
    }
    catch {
      // No answer says nothing about who is signed in.
      if (this.state.status === 'loading') this.#fallBack()
      return
    }
    if (session.status === 'authenticated' && session.userId) this.#enter(session.userId, session.workspaces)
    else if (this.state.userId ?? readLast()?.userId) this.#expire()
    else this.#set(nobody())
  }

  #enter(userId: string, workspaces: SyncWorkspace[], wanted?: string): void {
    const last = readLast()
    const current = this.state.userId === userId ? this.state.workspaceId : null
    const preferred = wanted ?? current ?? (last?.userId === userId ? last.workspaceId : null)
    const workspace = workspaces.find(({ id }) => id === preferred)
    // Whose membership ends stays where they are, to see it and to save what was not sent. The next page opens another workspace.
    const workspaceId = workspace?.id ?? current ?? workspaces[0]?.id ?? null
    const role = workspaces.find(({ id }) => id === workspaceId)?.role ?? null
    localStorage.setItem(STORAGE_KEY, JSON.stringify({ userId, workspaces, workspaceId }))
    this.#set({ status: 'authenticated', userId, workspaces, workspaceId, role })
  }

  /** Nobody by the server's account, but nobody signed out either. */
  #expire(): void {
    if (this.state.userId) this.#set({ ...this.state, status: 'expired' })
    else this.#fallBack('expired')
  }

  #fallBack(status: SessionStatus = 'authenticated'): void {
    const last = readLast()
    const workspace = last?.workspaces.find(({ id }) => id === last.workspaceId)
    if (!last || !workspace) this.#set(nobody())
    else this.#set({ status, userId: last.userId, workspaces: last.workspaces, workspaceId: workspace.id, role: workspace.role })
  }

  #set(next: SessionState): void {
    const keys = ['status', 'userId', 'workspaceId', 'role'] as const
    const changed = keys.some(key => this.state[key] !== next[key])
    Object.assign(this.state, next)
    if (changed) for (const listener of this.#listeners) listener()
  }
}

function nobody(): SessionState {
  return { status: 'unauthenticated', userId: null, workspaceId: null, role: null, workspaces: [] }
}

function readLast(): { userId: string, workspaces: SyncWorkspace[], workspaceId: string | null } | null {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? 'null') as { userId?: unknown, workspaces?: unknown, workspaceId?: unknown } | null
    if (typeof stored?.userId !== 'string' || !Array.isArray(stored.workspaces)) return null
    return { userId: stored.userId, workspaces: stored.workspaces as SyncWorkspace[], workspaceId: typeof stored.workspaceId === 'string' ? stored.workspaceId : null }
  }
  catch { return null }
}
