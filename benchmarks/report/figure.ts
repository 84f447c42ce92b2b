/** A figure with the three digits that matter. */
export function figure(value: number): string {
  if (Number.isNaN(value)) return '-'
  const rounded = Number(value.toPrecision(3))
  return Math.abs(rounded) >= 1000 ? rounded.toLocaleString('en') : String(rounded)
}
