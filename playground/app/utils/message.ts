/** A row of `messages`, as the chat shows it. */
export interface Message {
  id: string
  text: string
  author?: string
  created_at?: number
  edited_at?: number
}
