/** Installs what the comparisons need and is missing: the libraries of npm, and those of Debian. */
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('..', import.meta.url))
const NPM_PACKAGES = [
  'gearman',
  'node-gearman',
  'gearmanode',
  'abraxas',
  'pickleparser',
  'jpickle',
  'unpickle',
]
const DEBIAN_PACKAGES = [
  'gearman-job-server',
  'libgearman-dev',
  'gcc',
  'libc6-dev',
  'php-cli',
  'php-gearman',
  'libgearman-client-perl',
  'gearman-server',
]
/** While it is there, no package starts a daemon. */
const POLICY_FILE = '/usr/sbin/policy-rc.d'

/** Installs what is missing. What cannot be installed is said, and not measured. */
export function installPeers(): void {
  installFromNpm()
  installFromDebian()
}

/** Those of npm alone. */
export function installFromNpm(): void {
  if (NPM_PACKAGES.every((name) => existsSync(`${FOLDER}/node_modules/${name}`))) return
  console.log('installing the libraries of npm: npm ci in benchmarks/')
  try {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: FOLDER,
      stdio: 'inherit',
    })
  } catch (error) {
    console.log(`the libraries of npm cannot be installed, and are not measured: ${String(error)}`)
  }
}

function installFromDebian(): void {
  const missing = DEBIAN_PACKAGES.filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    console.log(`not installed, and not measured: ${missing.join(' ')}`)
    console.log(`on Debian, as root: ${command}`)
    return
  }
  console.log(command)
  const isOwnPolicy = !existsSync(POLICY_FILE)
  if (isOwnPolicy) writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    aptGet(['update', '-qq'])
    aptGet(['install', '-y', '-qq', '--no-install-recommends', ...missing])
  } catch (error) {
    console.log(`that failed; what is missing is not measured: ${String(error)}`)
  } finally {
    if (isOwnPolicy) rmSync(POLICY_FILE, { force: true })
  }
}

function aptGet(args: readonly string[]): void {
  execFileSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

function isInstalled(name: string): boolean {
  try {
    const about = execFileSync('dpkg', ['-s', name], {
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
    })
    return about.includes('\nStatus: install ok installed\n')
  } catch {
    return false // unknown to dpkg, or there is no dpkg
  }
}
