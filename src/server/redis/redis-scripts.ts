/**
 * What runs inside Redis. A script is one round trip, and nobody else comes between its commands.
 *
 * A script that was begun is never undone, so whatever may be refused comes before the first write: Redis
 * refuses all that needs memory when that is full, but not behind a write of the same script.
 */

/** KEYS: meta, lock, index. ARGV: schema version, token, milliseconds of the lock, owner. */
export const OPEN_SCRIPT: string = `
local version = tonumber(redis.call('HGET', KEYS[1], 'schema_version') or 0)
if version > tonumber(ARGV[1]) then return {'newer', tostring(version)} end
local lock = redis.call('GET', KEYS[2])
if lock and string.sub(lock, 1, #ARGV[2]) ~= ARGV[2] then
  local now = redis.call('TIME')
  local left = redis.call('PTTL', KEYS[2])
  return {'locked', lock, now[1] * 1000 + math.floor(now[2] / 1000) + left, left}
end
redis.call('SET', KEYS[2], ARGV[2] .. ' ' .. ARGV[4], 'PX', ARGV[3])
redis.call('HSET', KEYS[1], 'schema_version', ARGV[1], 'token', ARGV[2], 'owner', ARGV[4], 'commit', 0)
local mark = redis.call('HGET', KEYS[1], 'highest_key')
return {'open', mark or '0', redis.call('ZREVRANGE', KEYS[3], 0, 0)[1] or '0'}
`

/** ARGV begins with token, milliseconds of the lock, owner. */
const FENCE = `
local owner = redis.call('HGET', KEYS[1], 'token')
if owner and owner ~= ARGV[1] then return {'taken', redis.call('HGET', KEYS[1], 'owner')} end
local function lock()
  if redis.call('PEXPIRE', KEYS[2], ARGV[2]) == 0 then
    redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. ARGV[3], 'PX', ARGV[2])
  end
end
`

/** KEYS: meta, lock. ARGV: those of the fence. */
export const RENEW_SCRIPT: string = `${FENCE}
if owner then lock() end
return {'done'}
`

/** KEYS: meta, lock. ARGV begins with the token. */
export const RELEASE_SCRIPT: string = `
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('DEL', KEYS[2]) end
return {'done'}
`

/** How many of the arguments of {@link COMMIT_SCRIPT} come before its lists. */
const COMMIT_HEAD = 12

/**
 * KEYS: meta, lock, jobs, index, retries, outcomes. ARGV: those of the fence, the number of the commit, schema
 * version, highest key, whether it is new (0 or 1), and how many jobs are added, updated, removed, how many
 * outcomes are kept, forgotten; then a key and a value for each added one, its key twice, a key and retries for
 * each updated one, the removed keys, a key and a value for each outcome, the forgotten keys.
 *
 * A commit that was done already is not done again: its answer was lost, and the one behind it may be done.
 * When the data is gone, as after a restart of a Redis without a file, what comes now is kept nevertheless.
 */
export const COMMIT_SCRIPT: string = `${FENCE}
if owner and tonumber(redis.call('HGET', KEYS[1], 'commit') or 0) >= tonumber(ARGV[4]) then return {'done'} end
local function each(command, key, first, last)
  for from = first, last, 1000 do
    redis.call(command, key, unpack(ARGV, from, math.min(from + 999, last)))
  end
end
local added, updated = tonumber(ARGV[8]), tonumber(ARGV[9])
local index = ${COMMIT_HEAD} + 2 * added
local updates = index + 2 * added
local removals = updates + 2 * updated
each('HSET', KEYS[3], ${COMMIT_HEAD + 1}, index)
each('ZADD', KEYS[4], index + 1, updates)
if added > 0 and redis.call('EXISTS', KEYS[5]) == 1 then
  for at = index + 1, updates, 2 do redis.call('HDEL', KEYS[5], ARGV[at]) end
end
for at = updates + 1, removals, 2 do
  if redis.call('HEXISTS', KEYS[3], ARGV[at]) == 1 then redis.call('HSET', KEYS[5], ARGV[at], ARGV[at + 1]) end
end
local outcomes = removals + tonumber(ARGV[10])
local forgotten = outcomes + 2 * tonumber(ARGV[11])
each('HDEL', KEYS[3], removals + 1, outcomes)
each('ZREM', KEYS[4], removals + 1, outcomes)
each('HDEL', KEYS[5], removals + 1, outcomes)
each('HSET', KEYS[6], outcomes + 1, forgotten)
each('HDEL', KEYS[6], forgotten + 1, #ARGV)
redis.call('HSET', KEYS[1], 'commit', ARGV[4])
if not owner then
  redis.call('HSET', KEYS[1], 'schema_version', ARGV[5], 'token', ARGV[1], 'owner', ARGV[3])
end
if ARGV[7] == '1' or not owner then redis.call('HSET', KEYS[1], 'highest_key', ARGV[6]) end
lock()
return {owner and 'done' or 'remade'}
`

/**
 * KEYS: jobs, index, retries. ARGV: the key before, most jobs, most bytes. Answers a key, a value and retries
 * for each job.
 */
export const REPLAY_SCRIPT: string = `
local keys = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])
local found, bytes = {}, 0
for _, key in ipairs(keys) do
  local value = redis.call('HGET', KEYS[1], key) or ''
  bytes = bytes + #value
  if bytes > tonumber(ARGV[3]) and #found > 0 then break end
  found[#found + 1] = key
  found[#found + 1] = value
  found[#found + 1] = redis.call('HGET', KEYS[3], key) or ''
end
return found
`

/**
 * KEYS: keys of gearmand. ARGV: most bytes. Answers type, data, priority, function, unique for each key, until
 * there is enough.
 */
export const READ_GEARMAND_SCRIPT: string = `
local found, bytes = {}, 0
for _, key in ipairs(KEYS) do
  local kind = redis.call('TYPE', key).ok
  local job = {'', '1', '', ''}
  if kind == 'hash' then
    job = redis.call('HMGET', key, 'data', 'priority', 'function', 'unique')
    if not job[1] then kind = 'hash without data' end
  elseif kind == 'string' then
    job[1] = redis.call('GET', key)
  end
  bytes = bytes + #(job[1] or '')
  if bytes > tonumber(ARGV[1]) and #found > 0 then break end
  found[#found + 1] = kind
  for at = 1, 4 do found[#found + 1] = job[at] or '' end
end
return found
`

/**
 * KEYS: meta, lock, jobs, index, retries, then keys of gearmand. ARGV: token, how many of its keys are jobs, how
 * many are none; then a key and a value for each job, a new name for each other key.
 */
export const MOVE_GEARMAND_SCRIPT: string = `
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return {'taken', redis.call('HGET', KEYS[1], 'owner')} end
local jobs, others = tonumber(ARGV[2]), tonumber(ARGV[3])
for job = 1, jobs do
  local at = 3 + 2 * job - 1
  redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
  redis.call('ZADD', KEYS[4], ARGV[at], ARGV[at])
  redis.call('DEL', KEYS[5 + job])
end
for other = 1, others do
  redis.call('RENAME', KEYS[5 + jobs + other], ARGV[3 + 2 * jobs + other])
end
return {'done'}
`

/**
 * KEYS: meta, jobs, index, retries, then keys of gearmand. ARGV: token; then key, data, priority of each job.
 */
export const EXPORT_SCRIPT: string = `
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return {'taken', redis.call('HGET', KEYS[1], 'owner')} end
for job = 1, #KEYS - 4 do
  local at = 3 * job - 1
  redis.call('HSET', KEYS[4 + job], 'data', ARGV[at + 1], 'priority', ARGV[at + 2])
  redis.call('HDEL', KEYS[2], ARGV[at])
  redis.call('ZREM', KEYS[3], ARGV[at])
  redis.call('HDEL', KEYS[4], ARGV[at])
end
return {'done'}
`
