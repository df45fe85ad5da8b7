/** Virtual time since the start as a clock shows it: `0:03.250`, `1:02:03.004`. */
export function elapsed(ms: number): string {
  const whole = Math.max(0, Math.floor(ms));
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  const seconds = Math.floor(whole / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const tail = `${pad(seconds % 60, 2)}.${pad(whole % 1000, 3)}`;
  return hours > 0 ? `${hours}:${pad(minutes % 60, 2)}:${tail}` : `${minutes}:${tail}`;
}
