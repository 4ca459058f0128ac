import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addresses, verifyAt, withFront, writePages } from '../front.js'
import { setup } from '../npm/report.js'
import { needs } from './needs.js'

// nginx with njs: the token is introspected in a subrequest, and the answer is checked here.
const script = `
function check(r) {
  const token = (r.headersIn.Authorization || '').slice('Bearer '.length)
  r.subrequest('/introspect', { method: 'POST', body: 'token=' + encodeURIComponent(token) }, reply => {
    const found = reply.status === 200 ? JSON.parse(reply.responseText) : {}
    if (found.active !== true) return r.return(401)
    if (found.aud !== r.variables.audience) return r.return(403)
    r.headersOut['X-Subject'] = found.sub
    r.return(204)
  })
}
export default { check }
`

function configuration(port, folder) {
  const { id, secret } = setup.api
  const credentials = Buffer.from(`${id}:${secret}`).toString('base64')
  const locations = addresses.map(
    ({ path, audience }) => `
    location = ${path} {
      set $audience ${audience};
      auth_request /check;
      auth_request_set $subject $sent_http_x_subject;
      add_header X-Subject $subject;
      root ${folder};
    }`,
  )
  return `
load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  js_path ${folder};
  js_import check from check.js;
  server {
    listen 127.0.0.1:${port};
    location = /check { internal; js_content check.check; }
    location = /introspect {
      internal;
      proxy_pass ${setup.metadata.introspection_endpoint};
      proxy_set_header Authorization "Basic ${credentials}";
      proxy_set_header Content-Type application/x-www-form-urlencoded;
    }${locations.join('')}
  }
}
`
}

await needs(['nginx', 'libnginx-mod-http-js'], () =>
  withFront(({ port, folder }) => {
    const file = join(folder, 'nginx.conf')
    writePages(folder)
    writeFileSync(join(folder, 'check.js'), script)
    writeFileSync(file, configuration(port, folder))
    return { words: ['nginx', '-c', file, '-p', folder] }
  }, verifyAt),
)
