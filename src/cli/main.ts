#!/usr/bin/env node
import { runServer } from './process/run-server.ts'
import { runCommand } from './run-command.ts'

process.exitCode = await runCommand(process.argv.slice(2), {
  environment: process.env,
  writeOut: (text) => {
    process.stdout.write(text)
  },
  writeError: (text) => {
    process.stderr.write(text)
  },
  runServer: (settings) => runServer(settings),
})
