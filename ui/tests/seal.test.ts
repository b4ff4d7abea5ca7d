import { expect, test } from 'vitest';
import { keyOf } from '../src/backend/fake';
import { drawSeal, planOf } from '../src/lib/shared/seal';

const keys = (n: number) => Array.from({ length: n }, (_, i) => keyOf(`household ${i}`));

test('the same key is always the same seal', () => {
  for (const key of keys(20)) {
    expect(drawSeal(key, 48, false)).toEqual(drawSeal(key, 48, false));
    expect(planOf(key)).toEqual(planOf(key));
  }
  expect(JSON.stringify(planOf('00'.repeat(32)))).toMatchSnapshot();
});

test('one digit changes the seal', () => {
  const [key = ''] = keys(1);
  const other = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
  expect(planOf(other)).not.toEqual(planOf(key));
});

test('in a building of 500 households hardly two seals have the same strokes', () => {
  const strokes = keys(500).map((key) => {
    const { columns, rows, runs } = planOf(key);
    return `${columns.length} ${rows.length} ${runs.join(' ')}`;
  });
  expect(500 - new Set(strokes).size).toBeLessThanOrEqual(2);
});

test('no crossing away from the axis has four arms', () => {
  for (const key of keys(500)) {
    const { columns, rows, runs } = planOf(key);
    const axis = (columns.length - 1) / 2;
    for (let c = 0; c < columns.length; c++) {
      for (let r = 0; r < rows.length; r++) {
        const inside = runs.filter(([c1, r1, c2, r2]) => (r1 === r2 ? r === r1 && c1 < c && c < c2 : c === c1 && r1 < r && r < r2));
        if (inside.length === 2) expect(c).toBe(axis);
      }
    }
  }
});

test('a seal has strokes enough to be a seal', () => {
  for (const key of keys(500)) expect(planOf(key).runs.length).toBeGreaterThanOrEqual(4);
});
