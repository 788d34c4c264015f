import type { Action } from './transitions'

const WORDS: Record<Exclude<Action['kind'], 'write' | 'collect' | 'restore'>, string> = {
  start: 'starts', crash: 'crashes', arrive: 'push arrives at the store', settle: 'gets the answer to its push', lose: 'push or its answer is lost',
  resend: 'tries its push again', read: 'is sent a page', take: 'takes the page', rescan: 'is asked to rescan',
}

/** An action in words. */
export function nameAction(action: Action): string {
  if (action.kind === 'collect') return 'GC'
  if (action.kind === 'restore') return 'the store is restored to before its last commit'
  const device = `device ${action.device + 1}`
  if (action.kind !== 'write') return `${device}: ${WORDS[action.kind]}`
  return `${device}: in one transaction, ${action.writes.map(({ record, op }) => `${op} ${'ab'[record]}`).join(', ')}`
}
