import type { QueryPlan } from './query-plan'

/** The plan as text. Two plans have the same text if they ask for the same. */
export function planKey(plan: QueryPlan): string {
  return JSON.stringify(plan, tagged)
}

/** JSON has no dates and no infinities. */
function tagged(this: Record<string, unknown>, name: string, value: unknown): unknown {
  const key = this[name]
  if (key instanceof Date) return { $date: Number(key) }
  return typeof key === 'number' && !Number.isFinite(key) ? { $number: String(key) } : value
}
