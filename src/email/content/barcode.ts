/** The last four letters or digits: how a person with several kits tells them apart, and all that is shown of it. */
export function lastFour(barcode: string): string {
  const signs = barcode.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return signs === '' ? '????' : signs.slice(-4);
}
