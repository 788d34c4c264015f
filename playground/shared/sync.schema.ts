import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'

// Must come before the first schema. Otherwise zod tries to use `eval`, which the page's security policy forbids, and the browser reports that.
if ('document' in globalThis) z.config({ jitless: true })

/** Times are epoch milliseconds. Fields that the app does not need are optional, so that other clients need not know them. */
const threads = z.object({
  id: z.string(),
  title: z.string().max(200),
  created_by: z.string().optional(),
  created_at: z.number().optional(),
  updated_at: z.number().optional(),
  /** Whether the bot answers here. */
  bot: z.boolean().optional(),
})

const messages = z.object({
  id: z.string(),
  thread_id: z.string(),
  text: z.string().max(20_000),
  author: z.string().optional(),
  created_at: z.number().optional(),
  edited_at: z.number().optional(),
})

const posts = z.object({
  id: z.string(),
  title: z.string().max(200),
  content: z.string().optional(),
  color: z.enum(['amber', 'sky', 'emerald', 'rose', 'violet']).optional(),
  pinned: z.boolean().optional(),
  updated_at: z.number().optional(),
})

export default defineSyncSchema({
  version: 2,
  tables: {
    threads: { schema: threads, primaryKey: 'id', indexes: ['updated_at'] },
    messages: { schema: messages, primaryKey: 'id', indexes: ['thread_id', '[thread_id+created_at]'] },
    posts: { schema: posts, primaryKey: 'id', indexes: ['updated_at'] },
  },
})
