import type { DetailedEvent, LoggedEvent } from '../../app/diagnosis/event-log'
import { DESCRIBE_EVENT, type EventFacts } from './event-words'

/** One line of the timeline. */
export interface TimelineEvent extends EventFacts, Pick<DetailedEvent, 'id' | 'at' | 'name' | 'pk'> {
  tableName?: string
}

/** The events of a detailed log in words, oldest first. */
export function describeEvents(events: readonly LoggedEvent[]): TimelineEvent[] {
  return (events as readonly DetailedEvent[]).map(({ id, at, name, pk, details }) => ({
    id, at, name, ...details.tableName !== undefined && { tableName: details.tableName as string }, ...pk !== undefined && { pk }, ...DESCRIBE_EVENT[name](details as never),
  }))
}

export interface TimelineFilter {
  /** Matches name, words, table or key, in any case. */
  text: string
  onlyProblems: boolean
}

/** The events that fit the filter, newest first. */
export function filterEvents(events: readonly TimelineEvent[], { text, onlyProblems }: TimelineFilter): TimelineEvent[] {
  const wanted = text.trim().toLowerCase()
  const fits = ({ name, words, tableName = '', pk = '', isProblem = false }: TimelineEvent) =>
    (!onlyProblems || isProblem) && (!wanted || [name, words, tableName, pk].some(each => each.toLowerCase().includes(wanted)))
  return events.filter(fits).reverse()
}
