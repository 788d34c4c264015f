/** A text of the list for a console: without backticks. */
export function plainText(text: string): string {
  return text.replaceAll('`', '')
}
