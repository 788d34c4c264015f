import { echoOf } from '../utils/echo'

const BOT = 'Bot'
/** How long the bot thinks before it answers, and between two words, in milliseconds. */
const THINK_MS = 600
const WORD_MS = 50

/** A message as the bot gets it. */
interface Question { id: string, thread_id: string, text: string, author?: string }

/** A bot that answers new messages in the threads that it was invited to. Its answer grows word by word, as that of a model would. */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('or3-sync:changed', ({ workspaceId, changes }) => {
    for (const change of changes) {
      // A message with a previous revision was edited.
      if (change.table !== 'messages' || change.operation !== 'put' || change.previous) continue
      if (change.row.author === BOT) continue
      // Not awaited: the next commit would wait for the answer.
      answer(workspaceId, change.row).catch(error => useLog().error(`[bot] no answer to message ${change.pk}`, { error }))
    }
  })
})

async function answer(workspaceId: string, { id, thread_id, text, author }: Question): Promise<void> {
  const sync = useSyncGateway()
  const isInvited = async () => (await sync.get(workspaceId, 'threads', thread_id))?.bot === true
  if (!await isInvited()) return
  await sleep(THINK_MS)
  const words = echoOf(text, author).split(' ')
  const now = Date.now()
  // The key follows from the question, and there must be no such row: so a question has one answer, whoever sees it twice.
  const message = { id: `${id}-answer`, thread_id, author: BOT, text: words[0]!, created_at: now }
  try {
    // One transaction: if the thread was deleted, there is no message, either.
    await sync.write(workspaceId, [
      { table: 'threads', update: { id: thread_id, updated_at: now } },
      { table: 'messages', put: message, expect: null },
    ], { as: BOT })
    for (let count = 2; count <= words.length && await isInvited(); count++) {
      await sleep(WORD_MS)
      await sync.write(workspaceId, [{ table: 'messages', update: { id: message.id, text: words.slice(0, count).join(' ') } }], { as: BOT })
    }
    // Whoever deleted the thread may not have had this message.
    if (!await sync.get(workspaceId, 'threads', thread_id)) await sync.write(workspaceId, [{ table: 'messages', delete: message.id }], { as: BOT })
  }
  catch (error) {
    // The question was answered before, or the thread or the message is gone.
    if (!['CONFLICT', 'NOT_FOUND'].includes((error as { code?: string }).code ?? '')) throw error
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
