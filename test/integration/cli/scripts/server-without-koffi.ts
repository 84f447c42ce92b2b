/** As `server.ts`, on a machine where the optional package koffi is not installed. */
import { register } from 'node:module'

const HOOK = `export async function resolve(specifier, context, next) {
  if (specifier === 'koffi') {
    throw Object.assign(new Error("Cannot find package 'koffi'"), { code: 'ERR_MODULE_NOT_FOUND' })
  }
  return next(specifier, context)
}`
register(`data:text/javascript,${encodeURIComponent(HOOK)}`)
await import('./server.ts')
