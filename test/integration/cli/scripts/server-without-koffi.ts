/** As `server.ts`, on a machine where the optional package koffi is not installed. */
import * as nodeModule from 'node:module'

const HOOK = `export function resolve(specifier, context, next) {
  if (specifier === 'koffi') {
    throw Object.assign(new Error("Cannot find package 'koffi'"), { code: 'ERR_MODULE_NOT_FOUND' })
  }
  return next(specifier, context)
}`
const hookModule = `data:text/javascript,${encodeURIComponent(HOOK)}`
// Node 26 warns of register(), Node 20 has nothing else.
if ('registerHooks' in nodeModule && typeof nodeModule.registerHooks === 'function') {
  nodeModule.registerHooks(await import(hookModule))
} else {
  nodeModule.register(hookModule)
}
await import('./server.ts')
