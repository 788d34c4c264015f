import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMarkdown } from '../../../playground/app/lib/markdown'
import { dayKey, dayWords, isTimeZone, timeOfDay } from '../../../playground/app/utils/day-words'
import { groupMessages } from '../../../playground/app/utils/group-messages'
import { isPlain, plainHtml } from '../../../playground/app/utils/plain-html'

const NOON = Date.UTC(2026, 10, 27, 12)
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

describe('the list of messages', () => {
  const entriesOf = (...messages: [author: string, at: number][]) =>
    groupMessages(messages.map(([author, created_at], index) => ({ id: String(index), text: '', author, created_at })), ms => dayKey(ms, 'UTC'))
      .map(({ beginsDay, beginsGroup }) => beginsDay ? 'day' : beginsGroup ? 'group' : 'same')

  it('groups what one author wrote within five minutes', () => {
    expect(entriesOf(['Ann', NOON], ['Ann', NOON + 5 * MINUTE], ['Ann', NOON + 11 * MINUTE], ['Bob', NOON + 12 * MINUTE])).toEqual(['day', 'same', 'group', 'group'])
  })

  it('begins a day with a line, and a group with a day', () => {
    expect(entriesOf(['Ann', NOON + DAY / 2 - MINUTE], ['Ann', NOON + DAY / 2])).toEqual(['day', 'day'])
  })

  it('stands also where a message has no time', () => {
    expect(entriesOf(['Ann', NOON], ['Ann', 'yesterday' as unknown as number])).toEqual(['day', 'day'])
  })
})

describe('days and times', () => {
  it('have words that people use', () => {
    expect([NOON, NOON - DAY, NOON - 2 * DAY, NOON - 365 * DAY].map(ms => dayWords(ms, 'UTC', NOON))).toEqual(['Today', 'Yesterday', 'Wednesday 25 November', 'Thursday 27 November 2025'])
  })

  it('are those of the reader\'s time zone', () => {
    expect([timeOfDay(NOON, 'UTC'), timeOfDay(NOON, 'Asia/Tokyo'), timeOfDay(Date.UTC(2026, 0, 1), 'UTC')]).toEqual(['12:00', '21:00', '00:00'])
    expect(dayKey(NOON, 'UTC') === dayKey(NOON, 'Pacific/Kiritimati')).toBe(false)
  })

  it('take no text for a time or a time zone', () => {
    for (const none of [undefined, Number.NaN, 'yesterday' as unknown as number]) expect([timeOfDay(none, 'UTC'), dayKey(none, 'UTC')]).toEqual(['', ''])
    expect(['Europe/Berlin', 'UTC', '', 'Mars/Olympus', undefined].map(isTimeZone)).toEqual([true, true, false, false, false])
  })
})

describe('the text of a message', () => {
  const markdown = createMarkdown()

  it('is Markdown, in which HTML is text', () => {
    expect(markdown('**bold** and `code`')).toBe('<p><strong>bold</strong> and <code>code</code></p>\n')
    expect(markdown('<img src=x onerror=alert(1)>')).toBe('<p>&lt;img src=x onerror=alert(1)&gt;</p>\n')
    expect(markdown('[x](javascript:alert(1))')).not.toContain('href')
    expect(markdown('![x](https://example.com/x.png)')).not.toContain('<img')
  })

  it('has links that tell nothing, and no headings of its own', () => {
    expect(markdown('https://example.com')).toBe('<p><a href="https://example.com" rel="noopener noreferrer nofollow" target="_blank">https://example.com</a></p>\n')
    expect(markdown('# Title')).toBe('<p><strong>Title</strong></p>\n')
    expect(markdown('```\ncode\n```')).toContain('<pre tabindex="0">')
  })

  it('needs no renderer where it has no markup: the HTML is the same', () => {
    const words = fc.string({ unit: fc.constantFrom(...Array.from('ab1.)-+ \n\n,!?\'"()é=€:;/\t*_#>`'), '  ', '\n\n', '1. ', 'www.a.com', 'mailto:a', '://'), maxLength: 30 })
    let plain = 0
    fc.assert(fc.property(words, (text) => {
      if (!isPlain(text)) return
      plain++
      expect(plainHtml(text)).toBe(markdown(text))
    }), { numRuns: 3_000 })
    expect(plain).toBeGreaterThan(100)
  })

  it('counts as plain in most messages', () => {
    expect(['Hello!', 'Are you there? It\'s 3 (or 4).', 'One\n\nTwo', 'It costs 3.50 - or 4'].map(isPlain)).toEqual([true, true, true, true])
    expect(['**x**', '- x', '1. x', '# x', 'a\n> b', 'http://a', '`x`', '    x'].map(isPlain)).not.toContain(true)
  })
})
