// `npm run keys:rotate`: encrypts all stored secrets with the current key.
import { readArguments, runProgram } from '@activepieces/cli'
import { AiProviders } from '@activepieces/pieces-common'
import { loadConfig } from '../config.ts'
import { openDatabase } from '../db/database.ts'
import { recordDatabaseKey } from '../secrets/database-key.ts'
import { newMasterKey, readKeyFile, writeKeyFile } from '../secrets/key-file.ts'
import { loadKeys } from '../secrets/keys.ts'
import { rotate } from './rotate.ts'

const USAGE = `Usage: npm run keys:rotate

Encrypts all stored secrets with the current key. With a key file (the default), stop the server first: a new key is
generated. With AP_ENCRYPTION_KEY, set the new key there and the previous one in AP_ENCRYPTION_KEYS_OLD.`

async function main(): Promise<void> {
  readArguments(USAGE, {})
  const config = loadConfig(process.env)
  const byFile = config.encryptionKey === undefined
  if (byFile && config.databaseUrl !== undefined) throw new Error(SERVERS_MUST_KNOW)
  // The embedded database is this process's alone: no server has an older key in memory.
  const database = await openDatabase(config)
  try {
    if (byFile) await writeKeyFile(config.dataDir, [newMasterKey(), ...(await readKeyFile(config.dataDir))])
    const keys = await loadKeys(config.dataDir, config.encryptionKey, config.oldEncryptionKeys)
    const { all, done, unreadable } = await rotate(database.db, keys, AiProviders, (rotation) => {
      if (rotation.done % 20 === 0) console.log(`${rotation.done} of ${rotation.all} …`)
    })
    console.log(`${done} of ${all} credentials are now encrypted with the key ${keys.current.id}.`)
    if (unreadable.length > 0) {
      console.error(`No key opens the credentials of: ${unreadable.join(', ')}. Save them anew, or give the older key.`)
      process.exitCode = 1
      return
    }
    await recordDatabaseKey(database.db, keys)
    // The one before stays for backups of the database that are older than this rotation.
    if (byFile) await writeKeyFile(config.dataDir, (await readKeyFile(config.dataDir)).slice(0, 2))
  } finally {
    await database.close()
  }
}

const SERVERS_MUST_KNOW =
  'With PostgreSQL the servers must have the new key before anything is encrypted with it: set AP_ENCRYPTION_KEY to a ' +
  'new key and AP_ENCRYPTION_KEYS_OLD to the one before (a key file has it on its first line), restart the servers ' +
  'with both, then run this again with both.'

await runProgram(main)
