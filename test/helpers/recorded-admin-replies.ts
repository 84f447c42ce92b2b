/**
 * What gearmand 1.1.20 (Debian 1.1.20+ds-1) answered to text commands, byte for byte. Recorded with:
 *
 * - a worker `my worker : 1` with the tasks `reverse` and `resize`;
 * - one with an empty id and the tasks `a : b` and `naïve`;
 * - one whose id holds a line end, with the tasks `nl\nfun` and `tab\tfun`;
 * - one without an id whose task has an empty name;
 * - six background jobs of `reverse` whose unique ids are `u-1`, empty, `-`, `ERR UNKNOWN_JOB`, `.` and
 *   `dot\n.`, and a foreground job of `resize`.
 */

export const VERSION = 'OK 1.1.20+ds\n'
export const PID = 'OK 10950\n'
export const VERBOSE = 'OK ERROR\n'
export const EMPTY_TABLE = '.\n'

export const STATUS =
  '\t0\t0\t1\ntab\tfun\t0\t0\t0\nnaïve\t0\t0\t1\nreverse\t6\t0\t1\na : b\t0\t0\t1\nresize\t1\t0\t1\n.\n'
/** With the task whose name holds a line end. */
export const STATUS_WITH_BROKEN_ROW = 'reverse\t0\t0\t1\nnl\nfun\t0\t0\t1\nresize\t0\t0\t1\n.\n'
export const PRIORITY_STATUS =
  '\t0\t0\t0\t1\ntab\tfun\t0\t0\t0\t0\nnaïve\t0\t0\t0\t1\nreverse\t1\t4\t1\t1\na : b\t0\t0\t0\t1\nresize\t0\t1\t0\t1\n.\n'
export const WORKERS =
  '40 127.0.0.1 - : \n36 127.0.0.1 - :\n37 127.0.0.1 my worker : 1 : resize reverse\n38 127.0.0.1  : naïve a : b\n.\n'
/** With the id and the task that hold line ends. */
export const WORKERS_WITH_LINE_ENDS =
  '36 127.0.0.1 - :\n39 127.0.0.1 two\nlines : tab\tfun nl\nfun\n.\n'
/** The same id beside tasks that do no harm. */
export const WORKERS_WITH_BROKEN_ID =
  '36 127.0.0.1 - :\n39 127.0.0.1 two\nlines : reverse\n40 127.0.0.1 - : resize\n.\n'
/** Over IPv6, from `::1`: gearmand prints bytes of the socket's name as an address. */
export const WORKERS_OVER_IPV6 =
  '36 ::3437:3330:7469:6e70%2007535728 - :\n37 ::3338:3033:3800:6e70%2007535728 my worker : 1 : resize reverse\n.\n'
export const JOBS =
  'H:vm:1\t0\t0\t1\nH:vm:5\t0\t0\t1\nH:vm:7\t0\t0\t0\nH:vm:2\t0\t0\t1\nH:vm:4\t0\t0\t1\nH:vm:6\t0\t0\t1\nH:vm:3\t0\t0\t1\n.\n'
export const UNIQUE_JOBS = '\nERR UNKNOWN_JOB\ndot\n.\nu-1\nfg\n.\n-\n.\n'

export const DONE = 'OK\r\n'
/** `drop function alpha` when there are `alpha` and `ALPHA`. */
export const DROPPED_TWO = 'OK\r\nOK\r\n'
export const NOT_FOUND = 'ERR function not found\r\n'
export const STILL_CONNECTED = 'ERR there are still connected workers or executing clients\r\n'
export const UNKNOWN_JOB = 'ERR UNKNOWN_JOB\r\n'
export const UNKNOWN_SHOW = 'ERR UNKNOWN_SHOW_ARGUMENTS\r\n'
export const UNKNOWN_SHUTDOWN = 'ERR UNKNOWN_COMMAND Unknown+server+commandshutdown\r\n'
export const INCOMPLETE =
  'ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+drop\r\n'

/** The lines of a reply as a decoder hands them over: without their ends, `\n` or `\r\n`. */
export function linesOf(reply: string): string[] {
  return reply
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/\r$/, ''))
}
