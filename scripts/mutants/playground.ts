import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const CHECK_SENDER = ['test/unit/playground/check-sender.test.ts']
const BOT = ['test/unit/playground/bot.test.ts']
const DIGEST = ['test/unit/playground/digest.test.ts']
const SAVED_TEXT = ['test/unit/playground/saved-text.test.ts']

/** F18, F19, F27, F67: the demo lets in whom it should not, or loses what somebody typed. And its bot and its task write what they should not. */
export const PLAYGROUND: readonly Mutant[] = [
  ...inFile('playground/server/utils/check-sender.ts', CHECK_SENDER, [
    {
      id: 'f18-a', bug: 'a form of another site signs its visitor in',
      replace: ['if (isForeignOrigin(event) || isOfAnotherSite(event))', 'if (isOfAnotherSite(event))'],
    },
    {
      id: 'f18-b', bug: 'what a form sends is taken for JSON',
      replace: ['?.trim().toLowerCase() !== \'application/json\'', '?.trim() === \'\''],
    },
    {
      id: 'f18-c', bug: 'a request of another site that hides its origin is taken',
      replace: ['if (isForeignOrigin(event) || isOfAnotherSite(event))', 'if (isForeignOrigin(event))'],
    },
  ]),
  {
    id: 'f19-a', bug: 'a built server signs in whoever gives a name, unless it is told not to',
    file: 'playground/server/utils/demo.ts',
    replace: ['return said ? said === \'true\' : Boolean(import.meta.dev)', 'return said !== \'false\''],
    tests: ['test/unit/playground/demo.test.ts'],
  },
  {
    id: 'f27-a', bug: 'the cookie of somebody who signed out while the server was away counts when it is back',
    file: 'playground/server/utils/ignore-session.ts',
    replace: ['if (others) headers.cookie = others.join(\';\')', ''],
    also: [{ replace: ['const others = headers.cookie', 'void headers.cookie'] }],
    tests: ['test/unit/playground/ignore-session.test.ts'],
  },
  ...inFile('playground/app/composables/useSavedText.ts', SAVED_TEXT, [
    {
      id: 'f67-a', bug: 'what is typed into a note is wiped by the next edit of anybody',
      replace: ['get: () => draft.value?.text ?? stored(),', 'get: () => stored(),'],
    },
    {
      id: 'f67-b', bug: 'one\'s own save is taken for somebody else\'s edit until the live query has caught up',
      replace: ['[draft.value.base, ...replaced.value]', '[draft.value.base]'],
    },
    {
      id: 'f67-c', bug: 'what is typed last is lost when the page is left',
      replace: ['onScopeDispose(saveNow)', ''],
    },
  ]),
  {
    id: 'f67-d', bug: 'a note moves away from under its writer',
    file: 'playground/app/utils/keep-places.ts',
    replace: [' || placeOf(a) - placeOf(b)', ''],
    tests: ['test/unit/playground/words.test.ts'],
  },
  ...inFile('playground/server/plugins/bot.ts', BOT, [
    { id: 'bot-a', bug: 'the bot answers itself', replace: ['if (change.row.author === BOT) continue', ''] },
    { id: 'bot-b', bug: 'the bot answers a message that was edited', replace: [' || change.previous) continue', ') continue'] },
    { id: 'bot-c', bug: 'a message that is sent again is answered again', replace: ['put: message, expect: null }', 'put: message }'] },
    { id: 'bot-d', bug: 'an answer stays behind in a thread that was deleted', replace: ['if (!await sync.get(workspaceId, \'threads\', thread_id)) await', 'if (!thread_id) await'] },
    { id: 'bot-e', bug: 'the bot speaks in threads that it was not invited to', replace: ['if (!await isInvited()) return', ''] },
  ]),
  ...inFile('playground/server/utils/digest.ts', DIGEST, [
    { id: 'digest-a', bug: 'the task writes into workspaces without notes', replace: ['if (notes === 0) return false', ''] },
    { id: 'digest-b', bug: 'the task writes the same text again', replace: ['if (note?.content === content) return false', ''] },
    { id: 'digest-c', bug: 'the note counts itself', replace: ['if (id === ID) continue', ''] },
  ]),
]
