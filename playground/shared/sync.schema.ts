import { defineSyncSchema } from 'or3-sync/schema'
import { en } from 'zod/locales'
import * as z from 'zod/mini'

// `zod/mini` is a third of `zod` in the browser; it has no words of its own for what is wrong.
z.config(en())
// Must come before the first schema. Otherwise zod tries to use `eval`, which the page's security policy forbids, and the browser reports that.
if ('document' in globalThis) z.config({ jitless: true })

/** Times are epoch milliseconds. Fields that the app does not need are optional, so that other clients need not know them. */
const threads = z.object({
  id: z.string(),
  title: z.string().check(z.maxLength(200)),
  created_by: z.optional(z.string()),
  created_at: z.optional(z.number()),
  updated_at: z.optional(z.number()),
  /** Whether the bot answers here. */
  bot: z.optional(z.boolean()),
})

const messages = z.object({
  id: z.string(),
  thread_id: z.string(),
  text: z.string().check(z.maxLength(20_000)),
  author: z.optional(z.string()),
  created_at: z.optional(z.number()),
  edited_at: z.optional(z.number()),
})

const posts = z.object({
  id: z.string(),
  title: z.string().check(z.maxLength(200)),
  content: z.optional(z.string()),
  color: z.optional(z.enum(['amber', 'sky', 'emerald', 'rose', 'violet'])),
  pinned: z.optional(z.boolean()),
  updated_at: z.optional(z.number()),
})

const todos = z.object({
  id: z.string(),
  text: z.string().check(z.maxLength(200)),
  done: z.optional(z.boolean()),
  created_at: z.optional(z.number()),
})

export default defineSyncSchema({
  version: 3,
  tables: {
    threads: { schema: threads, primaryKey: 'id', indexes: ['updated_at'] },
    messages: { schema: messages, primaryKey: 'id', indexes: ['thread_id', '[thread_id+created_at]'] },
    posts: { schema: posts, primaryKey: 'id', indexes: ['updated_at'] },
    todos: { schema: todos, primaryKey: 'id', indexes: ['created_at'] },
  },
})
