import type { SimResult } from './world.js';

/** Eight made-up biomarkers; each flag makes one of them abnormal. */
export function panel(kitId: number, flags: readonly string[]): readonly SimResult[] {
  return Array.from({ length: 8 }, (_, n) => {
    const flag = flags[n];
    return {
      id: kitId * 10 + n,
      test_code: String(9_500 + n),
      test_name: `Biomarker ${n + 1}`,
      value: 4 + n / 10,
      unit: 'nmol/L',
      reference_range: '1.0 - 9.0',
      status: flag === undefined ? 'normal' : 'abnormal',
      flags: flag === undefined ? [] : [flag],
    };
  });
}

/** The same biomarkers, of which the last has got another value. Its summary is another only where the flags are. */
export const amendedPanel = (kitId: number, flags: readonly string[]): readonly SimResult[] =>
  panel(kitId, flags).map((result, n, all) =>
    n === all.length - 1 ? { ...result, value: result.value + 1, status: 'amended' } : result,
  );
