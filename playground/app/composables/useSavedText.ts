import { useEventListener } from '@vueuse/core'
import { computed, onScopeDispose, readonly, ref, watch, type Ref } from 'vue'
import { errorWords } from '../utils/error-words'

/** The text is saved after a pause of this length in typing, in milliseconds. */
const PAUSE_MS = 400

/** The typed text, and the text in the database from which it was made. */
export interface TextDraft { text: string, base: string }

/** `changed`: the text in the database is no longer `base`. `gone`: the row was deleted. */
export type SaveOutcome = 'saved' | 'changed' | 'gone'

export interface SavedTextOptions {
  /** Keeps the typed text until it is saved. A draft that exists already is saved at once. */
  draft: Ref<TextDraft | null>
  /** The text in the database, from a live query, which may be a moment late. */
  stored: () => string
  /** Writes the text, if the database still holds `base`. */
  save: (base: string, text: string) => Promise<SaveOutcome>
  /** Called with the unsaved text when the row was deleted elsewhere. */
  onGone: (text: string) => void
}

/**
 * A text field that saves while the user types. An edit made elsewhere meanwhile does not replace the typed text and is not overwritten by it.
 * It becomes `theirs`, until the user has chosen one of the two. While the user does not type, the field follows the database.
 */
export function useSavedText({ draft, stored, save, onGone }: SavedTextOptions) {
  const isFocused = ref(false)
  /** Texts that our own saves have replaced. The live query may still show them for a moment; they are not `theirs`. */
  const replaced = ref<string[]>([])
  /** Why the last save failed. Null: it succeeded. */
  const problem = ref<string | null>(null)
  let saving = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined

  const text = computed({
    get: () => draft.value?.text ?? stored(),
    set: (typed) => {
      if (!draft.value) replaced.value = []
      draft.value = { text: typed, base: draft.value?.base ?? stored() }
      saveSoon()
    },
  })
  const theirs = computed(() => draft.value && ![draft.value.base, ...replaced.value].includes(stored()) ? stored() : null)

  function saveSoon() {
    clearTimeout(timer)
    timer = setTimeout(saveNow, PAUSE_MS)
  }

  /** Saves one after the other. Text typed during a save goes with the next one. */
  function saveNow() {
    clearTimeout(timer)
    saving = saving.then(saveDraft)
  }

  async function saveDraft() {
    if (!draft.value || theirs.value !== null || draft.value.text === draft.value.base) return settle()
    const { base, text: typed } = draft.value
    try {
      const outcome = await save(base, typed)
      problem.value = null
      if (outcome === 'saved') takeOver(base, typed)
      // After `changed` there is nothing to do: the live query shows the other edit in a moment.
      else if (outcome === 'gone') handOver()
    }
    catch (error) { problem.value = errorWords(error) }
  }

  function takeOver(base: string, saved: string) {
    if (!draft.value) return
    replaced.value = [...replaced.value, base]
    draft.value = { ...draft.value, base: saved }
    settle()
  }

  /** The row is gone: the caller gets the text that could not be saved. */
  function handOver() {
    const typed = draft.value?.text
    draft.value = null
    if (typed !== undefined) onGone(typed)
  }

  /** Ends the draft once the database holds its text. While the user is in the field, the draft stays and starts from that text. */
  function settle() {
    if (!draft.value) return
    if (stored() === draft.value.base) replaced.value = []
    if (stored() === draft.value.text) draft.value = isFocused.value ? { text: stored(), base: stored() } : null
  }

  watch(stored, () => {
    settle()
    if (draft.value) saveSoon()
  }, { flush: 'sync' })
  // A kept draft may appear later than the field.
  watch(() => draft.value !== null, (isThere) => { if (isThere) saveSoon() }, { flush: 'sync' })
  useEventListener('pagehide', saveNow)
  onScopeDispose(saveNow)
  saveNow()

  return {
    text,
    theirs,
    problem: readonly(problem),
    focus: () => { isFocused.value = true },
    blur: () => {
      isFocused.value = false
      saveNow()
    },
    keepMine: () => {
      if (draft.value) draft.value = { ...draft.value, base: stored() }
      saveNow()
    },
    /** Drops the typed text, so that nothing more is saved: the user chose `theirs`, or deleted the row here. */
    drop: () => { draft.value = null },
  }
}
