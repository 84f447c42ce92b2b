import type { TextReply } from './text-command.ts'

/** Goes on with the number that a word is, or with no limit when there is none; anything else is refused. */
export function readCount(word: string | undefined, goOn: (count: number) => TextReply): TextReply {
  if (word === undefined) return goOn(Number.POSITIVE_INFINITY)
  if (!/^[1-9]\d{0,14}$/.test(word)) {
    return 'ERR INVALID_ARGUMENTS The+number+must+be+a+whole+number+from+1+on\r\n'
  }
  return goOn(Number(word))
}
