import { readdirSync, readFileSync } from 'node:fs'
import type { Usage } from './messages.ts'

/**
 * The resources that a native process has used, read from the kernel's accounting (Linux only).
 * Why: `schedstat` counts nanoseconds of each thread, `stat` only whole ticks.
 */
export function readNativeUsage(pid: number): Usage {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [onCpu = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
    nanoseconds += Number(onCpu)
  }
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    cpuMicros: nanoseconds / 1000,
    peakMegabytes: kilobytes(status, 'VmHWM') / 1024,
    residentMegabytes: kilobytes(status, 'VmRSS') / 1024,
  }
}

function kilobytes(status: string, name: string): number {
  const line = status.split('\n').find((line) => line.startsWith(`${name}:`))
  return Number.parseInt(line?.slice(name.length + 1).trim() ?? '0', 10)
}
