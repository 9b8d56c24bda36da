import fs from 'node:fs/promises';

const begin = '<!-- bench -->';
const end = '<!-- /bench -->';

/** Puts the table between the marks of README.md; into test/bench/RESULTS.md when there are none. Returns the file written. */
export async function writeTable(table: string): Promise<string> {
  const readme = await fs.readFile('README.md', 'utf8').catch(() => '');
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from >= 0 && to > from) {
    await fs.writeFile('README.md', `${readme.slice(0, from + begin.length)}\n${table}${readme.slice(to)}`);
    return 'README.md';
  }
  const file = 'test/bench/RESULTS.md';
  await fs.writeFile(file, `# Results of \`npm run bench -- --write-readme\`\n\n${table}`);
  return file;
}
