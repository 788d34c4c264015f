import type { MemberPage } from './member-page'

export interface ShownStatus {
  state: string
  pendingCount: number
  failedCount: number
  isLeader: boolean
}

/** What `useSyncStatus()` says in a tab that has `/sync` open. */
export async function shownStatus({ page }: MemberPage): Promise<ShownStatus> {
  const [state, pending, failed, leader] = await Promise.all(['state', 'pending', 'failed', 'leader']
    .map(async fact => (await page.getByTestId(`sync-page-${fact}`).textContent() ?? '').trim()))
  return { state: state!, pendingCount: Number(pending), failedCount: Number(failed), isLeader: leader === 'leads' }
}
