import type { Message } from './message'

/** Messages of one author that are no further apart than this are shown as one group, in milliseconds. */
const GROUP_MS = 5 * 60_000

/** A message with its place in the list. */
export interface ListEntry {
  message: Message
  /** Whether a line with the day stands above it. */
  beginsDay: boolean
  /** Whether it is the first of its group: the one that shows author and time. */
  beginsGroup: boolean
}

/** Groups messages, oldest first, by day, author and time. `dayOf` names the day of a time; equal names are the same day. */
export function groupMessages(messages: readonly Message[], dayOf: (ms: number | undefined) => string): ListEntry[] {
  return messages.map((message, index) => {
    const before = messages[index - 1]
    const beginsDay = !before || dayOf(before.created_at) !== dayOf(message.created_at)
    const isSameGroup = before?.author === message.author && message.created_at! - before!.created_at! <= GROUP_MS
    return { message, beginsDay, beginsGroup: beginsDay || !isSameGroup }
  })
}
