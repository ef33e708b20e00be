/** Numbers, sizes and times as a person reads them. Fixed notation, whatever the machine's locale. */

/** `2,700,211` */
export function formatCount(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** Three significant digits with a unit of powers of 1000: `1.41 M`, `97.2 k`, `512 `. */
function threeDigits(value: number, units: readonly string[]): string {
  let unit = 0
  let scaled = value
  // 999.5 would be written as 1000.
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000
    unit++
  }
  const digits = unit === 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2
  return `${scaled.toFixed(digits)} ${units[unit]!}`
}

/** `1.41 M`, for rates and counts where the size matters more than the digits. */
export function formatShort(count: number): string {
  return threeDigits(count, ['', 'k', 'M', 'G', 'T']).trimEnd()
}

/** Bytes in powers of 1000: `97.2 MB`. */
export function formatBytes(bytes: number): string {
  return threeDigits(bytes, ['B', 'kB', 'MB', 'GB', 'TB', 'PB'])
}

/** `0.4 s`, `12 s`, `3:07`, `1:02:09` */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const pad = (part: number): string => String(part).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${pad(whole % 60)}`
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`
}

/** Four digits after the point for metrics near 1, four significant ones elsewhere: `0.4785`, `1234.0`, `3.100e-9`; `n/a` for NaN. */
export function formatMetric(value: number): string {
  if (Number.isNaN(value)) return 'n/a'
  if (!Number.isFinite(value)) return String(value)
  const magnitude = Math.abs(value)
  if (magnitude === 0) return '0'
  if (magnitude >= 1e7 || magnitude < 1e-4) return value.toExponential(3)
  if (magnitude < 0.1) return String(Number(value.toPrecision(4)))
  return value.toFixed(magnitude < 10 ? 4 : magnitude < 100 ? 3 : magnitude < 1000 ? 2 : 1)
}

/** A share of a whole: `47 %`. */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** A word for a shell command line, in single quotes where it needs them. */
export function shellWord(word: string): string {
  return /^[\w./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Three significant digits, always with a sign: `+0.118`, `−3.10e-9`. */
export function formatSigned(value: number): string {
  return `${value < 0 ? '−' : '+'}${formatQuantity(Math.abs(value))}`
}

/** Three significant digits: `0.118`, `1240`, `3.10e-9`. */
export function formatQuantity(value: number): string {
  if (!Number.isFinite(value)) return formatMetric(value)
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude >= 1e6 || magnitude < 1e-4)) return value.toExponential(2)
  return magnitude >= 1000 ? String(Math.round(value)) : value.toPrecision(3)
}
