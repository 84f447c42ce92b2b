import { readFileSync } from 'node:fs'
import { systemReason } from '../describe-error.ts'
import { UsageError } from '../usage-error.ts'
import { type Config, parseConfig } from './parse-config.ts'

/**
 * Reads a config file.
 *
 * @throws UsageError naming the file, when it cannot be read or says something wrong
 */
export function readConfigFile(path: string): Config {
  const text = readText(path)
  try {
    return parseConfig(text)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`config file ${path}: ${error.message}`, { cause: error })
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--config-file ${path} cannot be read: ${systemReason(error)}`, {
      cause: error,
    })
  }
}
