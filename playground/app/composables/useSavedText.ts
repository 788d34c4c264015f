import { useEventListener } from '@vueuse/core'
import { computed, onScopeDispose, readonly, ref, watch, type Ref } from 'vue'
import { errorWords } from '../utils/error-words'

/** Typing rests this long before it is saved, in milliseconds. */
const PAUSE_MS = 400

/** What is typed, and the text in the database that it was made from. */
export interface TextDraft { text: string, base: string }

/** `changed`: the database holds another text than `base` by now. `gone`: it does not hold the row any more. */
export type SaveOutcome = 'saved' | 'changed' | 'gone'

export interface SavedTextOptions {
  /** Where typing is kept until it is saved. What is there already is saved at once. */
  draft: Ref<TextDraft | null>
  /** What the database holds, as a live query shows it: a moment late. */
  stored: () => string
  /** Writes the text, if the database still holds `base`. */
  save: (base: string, text: string) => Promise<SaveOutcome>
  /** The row was deleted elsewhere; this is the text that was to be saved. */
  onGone: (text: string) => void
}

/**
 * A text that is saved as it is typed. What is typed stays in the field: an edit made elsewhere meanwhile neither wipes it nor is
 * overwritten by it; it is `theirs` until the user has chosen. Without typing the field follows the database.
 */
export function useSavedText({ draft, stored, save, onGone }: SavedTextOptions) {
  const isFocused = ref(false)
  /** What our own saves have replaced, until the live query has caught up with them. */
  const replaced = ref<string[]>([])
  /** Why the last save failed. Null: it did not. */
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

  /** One save at a time: what is typed meanwhile goes with the next. */
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
      // Of another edit the live query will tell.
      else if (outcome === 'gone') giveUp()
    }
    catch (error) { problem.value = errorWords(error) }
  }

  function takeOver(base: string, saved: string) {
    if (!draft.value) return
    replaced.value = [...replaced.value, base]
    draft.value = { ...draft.value, base: saved }
    settle()
  }

  function giveUp() {
    const typed = draft.value?.text
    draft.value = null
    if (typed !== undefined) onGone(typed)
  }

  /** Lets go of a text that the database holds, once the user has left the field. */
  function settle() {
    if (!draft.value) return
    if (stored() === draft.value.base) replaced.value = []
    if (stored() === draft.value.text) draft.value = isFocused.value ? { text: stored(), base: stored() } : null
  }

  watch(stored, () => {
    settle()
    if (draft.value) saveSoon()
  }, { flush: 'sync' })
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
    /** Also where the row is deleted here: nothing is saved any more. */
    drop: () => { draft.value = null },
  }
}
