import { Exact } from './exact.js';

export const dimensions = ['count', 'mass', 'length', 'area', 'volume', 'time'] as const;
export type Dimension = (typeof dimensions)[number];

/** A unit of measure by its UN/ECE Recommendation 20 code. One of it is `factor` of its dimension's reference unit, exactly. */
export interface Unit { code: string; name: string; dimension: Dimension; factor: Exact }

type Line = readonly [code: string, name: string, factor: string];

/**
 * UN/ECE Recommendation 20 (Codes for Units of Measure Used in International Trade), the part that has exact factors: SI by definition, avoirdupois and
 * troy mass and inch-based lengths by the international yard and pound agreement of 1959, US gallon = 231 in³, imperial gallon = 4.54609 L.
 * References: C62, KGM, MTR, MTK, MTQ, SEC. Months and years have no exact length and are left out.
 */
const table: Record<Dimension, readonly Line[]> = {
  count: [
    ['C62', 'one', '1'], ['H87', 'piece', '1'], ['EA', 'each', '1'], ['NAR', 'number of articles', '1'], ['PR', 'pair', '2'], ['NPR', 'number of pairs', '2'],
    ['DZN', 'dozen', '12'], ['DPC', 'dozen piece', '12'], ['SCO', 'score', '20'], ['CEN', 'hundred', '100'], ['GRO', 'gross', '144'], ['MIL', 'thousand', '1000'],
    ['T3', 'thousand piece', '1000'],
  ],
  mass: [
    ['KGM', 'kilogram', '1'], ['GRM', 'gram', '0.001'], ['MGM', 'milligram', '0.000001'], ['MC', 'microgram', '0.000000001'], ['CGM', 'centigram', '0.00001'],
    ['DG', 'decigram', '0.0001'], ['DJ', 'decagram', '0.01'], ['HGM', 'hectogram', '0.1'], ['DTN', 'decitonne', '100'], ['TNE', 'tonne', '1000'],
    ['KTN', 'kilotonne', '1000000'], ['LBR', 'pound', '0.45359237'], ['ONZ', 'ounce (avoirdupois)', '0.028349523125'], ['GRN', 'grain', '0.00006479891'],
    ['APZ', 'troy ounce', '0.0311034768'], ['CWA', 'hundred pound (cwt)', '45.359237'], ['CWI', 'hundredweight (UK)', '50.80234544'],
    ['STN', 'ton (US), short ton', '907.18474'], ['LTN', 'ton (UK), long ton', '1016.0469088'],
  ],
  length: [
    ['MTR', 'metre', '1'], ['MMT', 'millimetre', '0.001'], ['CMT', 'centimetre', '0.01'], ['DMT', 'decimetre', '0.1'], ['HMT', 'hectometre', '100'],
    ['KMT', 'kilometre', '1000'], ['4H', 'micrometre (micron)', '0.000001'], ['C45', 'nanometre', '0.000000001'], ['INH', 'inch', '0.0254'],
    ['FOT', 'foot', '0.3048'], ['YRD', 'yard', '0.9144'], ['SMI', 'mile (statute mile)', '1609.344'], ['NMI', 'nautical mile', '1852'],
  ],
  area: [
    ['MTK', 'square metre', '1'], ['MMK', 'square millimetre', '0.000001'], ['CMK', 'square centimetre', '0.0001'], ['DMK', 'square decimetre', '0.01'],
    ['KMK', 'square kilometre', '1000000'], ['HAR', 'hectare', '10000'], ['INK', 'square inch', '0.00064516'], ['FTK', 'square foot', '0.09290304'],
    ['YDK', 'square yard', '0.83612736'],
  ],
  volume: [
    ['MTQ', 'cubic metre', '1'], ['LTR', 'litre', '0.001'], ['MLT', 'millilitre', '0.000001'], ['CLT', 'centilitre', '0.00001'], ['DLT', 'decilitre', '0.0001'],
    ['HLT', 'hectolitre', '0.1'], ['DMQ', 'cubic decimetre', '0.001'], ['CMQ', 'cubic centimetre', '0.000001'], ['MMQ', 'cubic millimetre', '0.000000001'],
    ['INQ', 'cubic inch', '0.000016387064'], ['FTQ', 'cubic foot', '0.028316846592'], ['YDQ', 'cubic yard', '0.764554857984'],
    ['GLL', 'gallon (US)', '0.003785411784'], ['QTL', 'liquid quart (US)', '0.000946352946'], ['PTL', 'liquid pint (US)', '0.000473176473'],
    ['OZA', 'fluid ounce (US)', '0.0000295735295625'], ['BLL', 'barrel (US)', '0.158987294928'], ['GLI', 'gallon (UK)', '0.00454609'],
    ['QTI', 'quart (UK)', '0.0011365225'], ['PTI', 'pint (UK)', '0.00056826125'], ['OZI', 'fluid ounce (UK)', '0.0000284130625'],
  ],
  time: [
    ['SEC', 'second [unit of time]', '1'], ['C26', 'millisecond', '0.001'], ['B98', 'microsecond', '0.000001'], ['MIN', 'minute [unit of time]', '60'],
    ['HUR', 'hour', '3600'], ['DAY', 'day', '86400'], ['WEE', 'week', '604800'],
  ],
};

/** Every unit with an exact factor, by Rec 20 code. */
export const units: ReadonlyMap<string, Unit> = new Map(dimensions.flatMap((dimension) =>
  table[dimension].map(([code, name, factor]) => [code, { code, name, dimension, factor: Exact.of(factor) }] as const)));
