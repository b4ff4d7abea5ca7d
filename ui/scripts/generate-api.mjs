// Turns the table that `kaifong api --json` prints into src/backend/api.ts.
//   node scripts/generate-api.mjs [--check] [path of kaifong]      (or KAIFONG=path)
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const args = process.argv.slice(2);
const check = args.includes('--check');
const kaifong = args.find((a) => !a.startsWith('--')) ?? process.env.KAIFONG ?? 'kaifong';
const out = fileURLToPath(new URL('../src/backend/api.ts', import.meta.url));

const table = JSON.parse(execFileSync(kaifong, ['api', '--json'], { encoding: 'utf8', maxBuffer: 64e6 }));
const nameOf = (/** @type {{ $ref: string }} */ s) => s.$ref.split('/').at(-1);

const types = Object.entries(table.$defs)
  .map(([name, schema]) => `${docOf(schema, '')}${declare(name, schema)}\n`)
  .join('\n');

const text = `// Made by scripts/generate-api.mjs from \`kaifong api --json\`: do not edit. Renew with \`npm run api\`.

${types.trim()}

/** What can be done: every command with its arguments and its result. */
export interface Commands {
${table.commands.map(member).join('\n')}
}

/** What can be done with the buildings on this device. */
export interface InstallationCommands {
${table.installation_commands.map(member).join('\n')}
}

/** What can be asked of the buildings on this device. */
export interface InstallationQueries {
${table.installation_queries.map(member).join('\n')}
}

/** What can be asked: every query with its arguments and its result. */
export interface Queries {
${table.queries.map(member).join('\n')}
}

/** What each query's result is made of: a change of one of these tags means asking again. */
export const queryTags: { readonly [Q in keyof Queries]: readonly Tag[] } = {
${table.queries.map((q) => `  ${q.name}: [${q.tags.map((t) => `'${t}'`).join(', ')}],`).join('\n')}
};

/** Every code that an answer can carry. */
export const codes: readonly Code[] = [
${table.codes.map((c) => `  '${c}',`).join('\n')}
];

/** What is told unasked. */
export type Event =
${table.events.map((e) => `  | { event: '${e.name}'; payload: ${nameOf(e.payload)} }`).join('\n')};
`;

if (check) {
  if (readFileSync(out, 'utf8') !== text) {
    console.error('src/backend/api.ts is stale: run `npm run api`.');
    process.exit(1);
  }
} else {
  writeFileSync(out, text);
}

/** @param {{ name: string; doc: string; args: { $ref: string }; result: { $ref: string } }} row */
function member(row) {
  return `  /** ${row.doc} */\n  ${row.name}: { args: ${nameOf(row.args)}; result: ${nameOf(row.result)} };`;
}

/** @param {string} name @param {any} schema */
function declare(name, schema) {
  if (schema.type === 'object' && !schema.properties) return `export type ${name} = Record<string, never>;`;
  return schema.properties ? `export interface ${name} ${typeOf(schema, '')}` : `export type ${name} = ${typeOf(schema, '')};`;
}

/**
 * Tells the TypeScript type of a JSON Schema, as far as this table uses them; anything else stops the run.
 * @param {any} schema
 * @param {string} indent
 * @returns {string}
 */
function typeOf(schema, indent) {
  if (schema === true) return 'unknown';
  if (schema.$ref) return nameOf(schema);
  if ('const' in schema) return quote(schema.const);
  if (schema.enum) return schema.enum.map(quote).join(' | ');
  const either = schema.oneOf ?? schema.anyOf;
  if (either) return either.map((/** @type {any} */ s) => typeOf(s, indent)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((/** @type {string} */ type) => typeOf({ ...schema, type }, indent)).join(' | ');
  if (schema.properties) {
    const required = new Set(schema.required ?? []);
    const lines = Object.entries(schema.properties).map(([key, value]) => {
      const optional = required.has(key) ? '' : '?';
      return `${docOf(value, `${indent}  `)}${indent}  ${key}${optional}: ${typeOf(value, `${indent}  `)};`;
    });
    return `{\n${lines.join('\n')}\n${indent}}`;
  }
  switch (schema.type) {
    case 'string': return 'string';
    case 'boolean': return 'boolean';
    case 'null': return 'null';
    case 'integer':
    case 'number': return 'number';
    case 'array': {
      const item = typeOf(schema.items ?? true, indent);
      return /[|{]/.test(item) ? `(${item})[]` : `${item}[]`;
    }
    case 'object': return `Record<string, ${typeOf(schema.additionalProperties ?? true, indent)}>`;
    case undefined: return 'unknown';
    default: throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}

/** @param {any} schema @param {string} indent */
function docOf(schema, indent) {
  return schema?.description ? `${indent}/** ${schema.description.replaceAll('\n', ' ')} */\n` : '';
}

/** @param {unknown} value */
function quote(value) {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
