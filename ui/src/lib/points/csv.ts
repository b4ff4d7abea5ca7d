/** A statement as a table for spreadsheets: comma-separated values as RFC 4180 has them, in UTF-8 with a mark that says so. */
import type { Line } from '$backend';
import { m } from '$messages';
import { held } from '$shared/time';
import { nameOf } from '$shared/words';
import { lineTitle, signedPoints, stateWords } from './lines';

const MARK = '\uFEFF';

/** One cell. What a spreadsheet would take for a formula, others may have written: it is said to be text. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** "2026-11-29 14:05", where the person is. */
function when(at: number): string {
  const day = new Date(held(at));
  const two = (n: number) => String(n).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())} ${two(day.getHours())}:${two(day.getMinutes())}`;
}

/** The lines with their entries, by which anybody finds each proof. */
export function csv(lines: readonly Line[]): string {
  const head = [m.points_statement_date(), m.points_statement_who(), m.points_statement_what(), m.points_statement_points(), m.points_statement_state(), m.points_statement_entry()];
  const rows = lines.map((line) => [
    when(line.at),
    line.counterpart ? nameOf(line.counterpart) : m.shared_somebody(),
    lineTitle(line),
    signedPoints(line),
    stateWords(line),
    line.entry,
  ]);
  return MARK + [head, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('');
}
