/**
 * Spreadsheets run what begins with one of these (SEC13; OWASP "CSV injection"). Such a text gets an apostrophe in front, which a spreadsheet takes for
 * "this is text"; a text that looks guarded already gets one more, so that taking one away always gives back what there was.
 */
const dangerous = /^'*[=+\-@\t\r\n＝＋－＠]/;
const guarded = /^'+[=+\-@\t\r\n＝＋－＠]/;
const plainNumber = /^-?\d+(?:\.\d+)?$/;

/** A cell that no spreadsheet executes. Negative numbers stay numbers. */
export const guardCell = (text: string): string => (dangerous.test(text) && !plainNumber.test(text) ? `'${text}` : text);

/** The text that was guarded. */
export const unguardCell = (text: string): string => (guarded.test(text) ? text.slice(1) : text);
