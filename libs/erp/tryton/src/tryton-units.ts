/** UN/ECE Recommendation 20 codes of the units that Tryton 6.0 brings along, by Tryton's English symbol. */
export const symbolOfUnit: Readonly<Record<string, string>> = {
  C62: 'u', KGM: 'kg', GRM: 'g', LBR: 'lb', ONZ: 'oz', CTM: 'c',
  MTR: 'm', CMT: 'cm', MMT: 'mm', KMT: 'km', FOT: 'ft', INH: 'in', YRD: 'yd', SMI: 'mi',
  MTK: 'm²', CMK: 'cm²', FTK: 'ft²', INK: 'in²', YDK: 'yd²', ARE: 'a', HAR: 'ha',
  LTR: 'l', MTQ: 'm³', CMQ: 'cm³', FTQ: 'ft³', INQ: 'in³', GLL: 'gal',
  SEC: 's', MIN: 'min', HUR: 'h', DAY: 'd',
};

const unitOfSymbol = new Map(Object.entries(symbolOfUnit).map(([unit, symbol]) => [symbol, unit]));

/** Undefined for a symbol that somebody made up in this Tryton: it is not guessed at. */
export const unitOf = (symbol: string): string | undefined => unitOfSymbol.get(symbol);
