import { effectScope, ref, shallowRef, type EffectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useSavedText, type SaveOutcome, type TextDraft } from '../../../playground/app/composables/useSavedText'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  scope?.stop()
  vi.useRealTimers()
})

let scope: EffectScope | undefined

/** A field over one text of one row. The live query (`echo`) tells of the database only when it is asked to. */
function open({ kept = null as TextDraft | null, row = 'Before' as string | null } = {}) {
  const database = { row, writes: [] as string[] }
  const stored = ref(row ?? '')
  const draft = shallowRef(kept)
  const gone: string[] = []
  /** What a save waits for. */
  const gate = { open: async () => {} }
  const save = async (base: string, text: string): Promise<SaveOutcome> => {
    await gate.open()
    if (database.row === null) return 'gone'
    if (database.row !== base) return 'changed'
    database.row = text
    database.writes.push(text)
    return 'saved'
  }
  scope = effectScope()
  const field = scope.run(() => useSavedText({ draft, stored: () => stored.value, save, onGone: text => gone.push(text) }))!
  const echo = () => { stored.value = database.row ?? '' }
  /** Long enough for a save, with or without its echo. */
  const rest = async ({ withEcho = true } = {}) => {
    await vi.advanceTimersByTimeAsync(1_000)
    if (withEcho) echo()
    await vi.advanceTimersByTimeAsync(1_000)
  }
  return { database, stored, draft, field, gone, gate, echo, rest }
}

describe('F67: a text that is saved as it is typed', () => {
  it('is saved when typing rests, and then follows the database again', async () => {
    const { database, field, draft, stored, rest } = open()
    field.focus()
    for (const text of ['B', 'Be', 'Bee']) field.text.value = text
    expect(database.writes).toEqual([])
    await rest()
    expect(database.writes).toEqual(['Bee'])
    field.blur()
    await rest()
    expect(draft.value).toBeNull()
    stored.value = 'Elsewhere'
    expect(field.text.value).toBe('Elsewhere')
  })

  it('is not taken for somebody else\'s while the live query lags behind the save', async () => {
    const { field, rest, echo } = open()
    field.focus()
    for (const text of ['Mine', 'Mine, too']) {
      field.text.value = text
      await rest({ withEcho: false })
      expect([field.theirs.value, field.text.value]).toEqual([null, text])
    }
    echo()
    expect([field.theirs.value, field.text.value]).toEqual([null, 'Mine, too'])
  })

  it('that goes on while a save is under way is saved after it', async () => {
    const { database, field, gate, rest } = open()
    let finish = () => {}
    gate.open = () => new Promise<void>((resolve) => { finish = resolve })
    field.text.value = 'One'
    await rest({ withEcho: false })
    field.text.value = 'One, two'
    gate.open = async () => {}
    finish()
    await rest()
    expect(database.writes).toEqual(['One', 'One, two'])
  })

  it('stays, and writes nothing, when another was written elsewhere, until the user has chosen', async () => {
    const { database, field, echo, rest } = open()
    field.focus()
    field.text.value = 'Mine'
    database.row = 'Theirs'
    echo()
    expect([field.text.value, field.theirs.value]).toEqual(['Mine', 'Theirs'])
    field.text.value = 'Mine, longer'
    field.blur()
    await rest()
    expect([field.text.value, field.theirs.value, database.row]).toEqual(['Mine, longer', 'Theirs', 'Theirs'])
    field.keepMine()
    await rest()
    expect([field.text.value, field.theirs.value, database.row]).toEqual(['Mine, longer', null, 'Mine, longer'])
  })

  it('writes nothing over an edit of which the live query has not told yet', async () => {
    const { database, field, echo, rest } = open()
    field.text.value = 'Mine'
    database.row = 'Theirs'
    await rest({ withEcho: false })
    expect(database.row).toBe('Theirs')
    echo()
    expect([field.text.value, field.theirs.value]).toEqual(['Mine', 'Theirs'])
    field.drop()
    expect(field.text.value).toBe('Theirs')
  })

  it('stays when it was saved already and is overwritten while the user is still in the field', async () => {
    const { database, field, echo, rest } = open()
    field.focus()
    field.text.value = 'Mine'
    await rest()
    database.row = 'Theirs'
    echo()
    expect([field.text.value, field.theirs.value]).toEqual(['Mine', 'Theirs'])
  })

  it('and is the same elsewhere is nothing to choose between', async () => {
    const { database, field, draft, echo, rest } = open()
    field.text.value = 'Alike'
    database.row = 'Alike'
    echo()
    await rest()
    expect([field.theirs.value, draft.value, database.writes]).toEqual([null, null, []])
  })

  it('that was kept from before a reload is saved at once', async () => {
    const { database, draft, rest } = open({ kept: { text: 'Typed', base: 'Before' } })
    await rest()
    expect([database.row, draft.value]).toEqual(['Typed', null])
  })

  it('that was kept, and meets another edit after the reload, is asked about', async () => {
    const { database, field, rest } = open({ kept: { text: 'Typed', base: 'Before' }, row: 'Theirs' })
    await rest()
    expect([database.row, field.text.value, field.theirs.value]).toEqual(['Theirs', 'Typed', 'Theirs'])
  })

  it('of a row that is gone is handed back', async () => {
    const { database, field, draft, gone, rest } = open()
    field.text.value = 'Too late'
    database.row = null
    await rest({ withEcho: false })
    expect([gone, draft.value]).toEqual([['Too late'], null])
  })

  it('is saved at once when the field goes away', async () => {
    const { database, field } = open()
    // What was kept before is saved by now: this is about what is typed since.
    await vi.advanceTimersByTimeAsync(0)
    field.text.value = 'Last words'
    scope?.stop()
    await vi.advanceTimersByTimeAsync(0)
    expect(database.row).toBe('Last words')
  })

  it('that cannot be saved stays, with the reason, and is tried again', async () => {
    const { database, field, draft, gate, rest } = open()
    gate.open = async () => { throw new Error('the disk is full') }
    field.text.value = 'Mine'
    await rest({ withEcho: false })
    expect([field.problem.value, field.text.value, draft.value?.text]).toEqual(['the disk is full', 'Mine', 'Mine'])
    gate.open = async () => {}
    field.blur()
    await rest()
    expect([field.problem.value, database.row]).toEqual([null, 'Mine'])
  })
})
