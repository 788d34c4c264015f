/** A longer text is repeated only in part, in characters. */
const MAX_LENGTH = 300

/** What the bot says to a message. */
export function echoOf(text: string, author = 'Somebody'): string {
  const said = Array.from(text.trim().replaceAll(/\s+/g, ' '))
  const quote = said.length > MAX_LENGTH ? `${said.slice(0, MAX_LENGTH).join('')}…` : said.join('')
  return `${author} said: “${quote}” There is no model behind me, so I can only repeat it. `
    + 'But I am written as one would be: a plugin of this server hears of your message when it is stored, '
    + 'and writes its answer into the same thread, one word at a time, about twenty times a second. '
    + 'Your browser gets it like the edit of any other member.'
}
