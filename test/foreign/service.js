import { execFile, spawn } from 'node:child_process'
import { createServer, request } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { addNested } from './nested.js'

// Starts `countersign serve` with the resources, clients and tokens that the foreign programs use.
const program = join(import.meta.dirname, '../../packages/server/bin/countersign.js')
const run = promisify(execFile)
const algorithms = ['ES256', 'RS256', 'PS256', 'EdDSA']
const audienceOf = (algorithm) => `https://${algorithm.toLowerCase()}.example`
const listed = 'https://listed.example'

/** Starts the service and writes `setup.json`, which every program reads. Its path is `file`. */
export async function startService() {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-foreign-'))
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const at = { cwd: folder, env: environment(folder) }
  const server = await startServe(issuer, port, at)
  const front = await startTlsFront(folder, port)
  const close = async () => {
    front?.close()
    server.kill('SIGTERM')
    await new Promise((done) => (server.exitCode === null ? server.once('exit', done) : done()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const file = join(folder, 'setup.json')
    const setup = await makeSetup(issuer, folder, at)
    writeFileSync(file, JSON.stringify({ ...setup, ...front?.names }))
    return { file, close, certificate: front?.certificate }
  } catch (fault) {
    await close()
    throw fault
  }
}

function environment(folder) {
  return {
    PATH: process.env.PATH,
    COUNTERSIGN_DATA_DIR: join(folder, 'data'),
    COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  }
}

function startServe(issuer, port, at) {
  const { hostname } = new URL(issuer)
  const exception = ['--plain-http-issuer-unsafe', hostname]
  const words = ['serve', '--new', '--issuer', issuer, '--port', String(port), ...exception]
  const server = spawn(process.execPath, ['--conditions=countersign-source', program, ...words], at)
  return new Promise((done, fail) => {
    let output = ''
    const read = (chunk) => {
      output += String(chunk)
      if (output.includes('ready.')) done(server)
    }
    server.stdout.on('data', read)
    server.stderr.on('data', read)
    server.once('exit', (code) => fail(new Error(`serve ended with ${code}: ${output}`)))
  })
}

async function makeSetup(issuer, folder, at) {
  const command = async (...words) => {
    const line = ['--conditions=countersign-source', program, ...words]
    return (await run(process.execPath, line, at)).stdout
  }
  const secretIn = (output) => output.trim()
  const client = { id: 'web', secret: '' }
  const api = { id: 'orders-api', secret: '' }
  api.secret = secretIn(
    await command('clients', 'add', api.id, '--secret-only', '--grants', 'client_credentials'),
  )
  const life = ['--ttl-seconds', '3600']
  for (const algorithm of algorithms) {
    const how = ['--scope', 'read write', '--alg', algorithm, '--client', api.id, ...life]
    await command('resources', 'add', audienceOf(algorithm), ...how)
  }
  await command('resources', 'add', listed, '--scope', 'read', '--status-list')
  const login = { id: 'listed', secret: '' }
  const grants = ['--grants', 'client_credentials,refresh_token']
  login.secret = secretIn(
    await command('clients', 'add', login.id, '--secret-only', '--resource', listed, ...grants),
  )
  const access = algorithms.map(audienceOf).flatMap((to) => ['--access', `${to}=read`])
  client.secret = secretIn(await command('clients', 'add', client.id, '--secret-only', ...access))
  const keys = { id: 'signer', ...clientKeys() }
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: keys.public }))
  await command('clients', 'add', keys.id, ...access, '--jwks', join(folder, 'jwks.json'))
  const metadata = await json(`${issuer}/.well-known/oauth-authorization-server`)
  const grant = (audience) => tokenFor(metadata.token_endpoint, client, audience)
  const jwks = await json(metadata.jwks_uri)
  const tokens = {}
  for (const algorithm of algorithms) {
    const audience = audienceOf(algorithm)
    const valid = await grant(audience)
    tokens[algorithm] = { audience, valid, tampered: tamper(valid), pem: pemOf(valid, jwks) }
  }
  const nested = await addNested({
    command,
    folder,
    api,
    tokenFor: (who, audience) => tokenFor(metadata.token_endpoint, who, audience),
    decryptionKeys: (audience) => keysFor(metadata.decryption_keys_endpoint, api, audience),
  })
  const mixedJwks = { keys: [...jwks.keys, anMlDsaKey()] }
  return { issuer, metadata, jwks, mixedJwks, tokens, nested, client, api, login, keys }
}

/** A public key of a kind that older libraries do not know. */
function anMlDsaKey() {
  const { publicKey } = generateKeyPairSync('ml-dsa-44')
  return { ...publicKey.export({ format: 'jwk' }), alg: 'ML-DSA-44', use: 'sig', kid: 'newer' }
}

/** One EC and one RSA key of a client, as JWK and as PEM. */
function clientKeys() {
  const make = (pair, alg) => {
    const kid = alg.toLowerCase()
    const jwk = (key) => ({ ...key.export({ format: 'jwk' }), alg, kid })
    const pem = pair.privateKey.export({ format: 'pem', type: 'pkcs8' })
    return { public: jwk(pair.publicKey), private: jwk(pair.privateKey), pem }
  }
  const ec = make(generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'ES256')
  const rsa = make(generateKeyPairSync('rsa', { modulusLength: 2048 }), 'RS256')
  return {
    public: [ec.public, rsa.public],
    ec: ec.private,
    ecPem: ec.pem,
    rsa: rsa.private,
    rsaPem: rsa.pem,
  }
}

async function tokenFor(endpoint, client, audience) {
  const form = { grant_type: 'client_credentials', resource: audience }
  const { access_token: token, ...rest } = await post(endpoint, client, form)
  if (token === undefined) throw new Error(`no token for ${audience}: ${JSON.stringify(rest)}`)
  return token
}

/** The private keys of a resource whose keys the service manages. */
async function keysFor(endpoint, client, audience) {
  const { keys, error } = await post(endpoint, client, { resource: audience })
  if (keys === undefined) throw new Error(`no keys for ${audience}: ${error}`)
  return keys
}

async function post(endpoint, { id, secret }, form) {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  const body = new URLSearchParams(form)
  return (await fetch(endpoint, { method: 'POST', headers: { authorization }, body })).json()
}

/** Gives the token another subject and keeps its signature. */
function tamper(token) {
  const [head, payload, signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'mallory' })).toString('base64url')
  return [head, changed, signature].join('.')
}

/** The public key of a token, for libraries that read PEM only. */
function pemOf(token, { keys }) {
  const { kid } = JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString())
  const key = keys.find((jwk) => jwk.kid === kid)
  return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
}

async function json(address) {
  return (await fetch(address)).json()
}

/** The service over https, for libraries that refuse http. Absent where openssl is not installed. */
async function startTlsFront(folder, port) {
  const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.pem')]
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const name = ['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  try {
    await run('openssl', [...words, ...name, '-keyout', key, '-out', certificate])
  } catch {
    return undefined
  }
  const options = { key: readFileSync(key), cert: readFileSync(certificate) }
  const server = createTlsServer(options, (incoming, outgoing) => {
    const headers = { ...incoming.headers, host: `localhost:${port}` }
    const onward = request({
      port,
      host: 'localhost',
      path: incoming.url,
      method: incoming.method,
      headers,
    })
    onward.on('response', (reply) => {
      outgoing.writeHead(reply.statusCode, reply.headers)
      reply.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  const tls = await listenOn(server)
  return { certificate, names: { tls: `https://localhost:${tls}` }, close: () => server.close() }
}

async function freePort() {
  const probe = createServer()
  const port = await listenOn(probe)
  await new Promise((done) => probe.close(done))
  return port
}

function listenOn(server) {
  return new Promise((done) => server.listen(0, 'localhost', () => done(server.address().port)))
}
