import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addresses as usualAddresses, withFront, writePages } from '../front.js'
import { setup } from '../npm/report.js'
import { needs } from './needs.js'

const modules = '/usr/lib/apache2/modules'
const usual = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers']

/**
 * Runs rows through Apache with one module more. `directives` are of the server, and get a copy of its certificate that
 * the user of Apache can read. `rules` are of one address.
 */
export async function withApache({ module, directives, rules, addresses = usualAddresses }, use) {
  await needs(['apache2', `libapache2-mod-${module.replace('_', '-')}`], () =>
    withFront(({ port, folder }) => {
      const file = join(folder, 'apache.conf')
      const certificate = join(folder, 'certificate.pem')
      writePages(folder, addresses)
      if (setup.tls) copyFileSync(process.env.NODE_EXTRA_CA_CERTS, certificate)
      const more = directives(certificate)
      writeFileSync(
        file,
        configuration({ port, folder, module, directives: more, rules, addresses }),
      )
      return { words: ['apache2', '-d', folder, '-f', file, '-DFOREGROUND'] }
    }, use),
  )
}

function configuration({ port, folder, module, directives, rules, addresses }) {
  const loads = [...usual, module].map(
    (name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`,
  )
  const locations = addresses.map(
    (address) => `
<Location ${address.path}>
${rules(address)}
Header always set X-Subject expr=%{REMOTE_USER}
</Location>`,
  )
  return `
${loads.join('\n')}
Listen 127.0.0.1:${port}
ServerName localhost
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
DocumentRoot ${folder}
ErrorLog ${folder}/error.log
LogLevel warn
User www-data
Group www-data
${directives}
${locations.join('\n')}
`
}
