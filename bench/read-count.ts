/** Reads an option of the command line that is a whole number from 1. @throws Error that names the option */
export function readCount(name: string, text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new Error(`--${name} is "${text}"; give a whole number from 1`)
  return count
}
