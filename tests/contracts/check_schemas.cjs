// node check_schemas.cjs SPEC...: which schemas of requests cannot be compiled. Prism leaves out the check of such a body without a
// word and then takes anything, so a contract that has one proves nothing. Writes a JSON list; the status is 1 when it is not empty.
'use strict';
const { getHttpOperationsFromSpec } = require('@stoplight/prism-cli/dist/operations');
const Ajv = require('ajv').default;
const Ajv2020 = require('ajv/dist/2020').default;
const addFormats = require('ajv-formats').default;

// The options with which Prism compiles.
function compiler(schema) {
  const Class = String(schema.$schema || '').includes('2020-12') ? Ajv2020 : Ajv;
  const ajv = new Class({ allErrors: true, allowUnionTypes: true, allowMatchingProperties: true, strict: false, logger: false });
  addFormats(ajv);
  return ajv;
}

async function check(spec) {
  const found = [];
  for (const operation of await getHttpOperationsFromSpec(spec)) {
    for (const content of operation.request?.body?.contents ?? []) {
      if (!content.schema) continue;
      try {
        compiler(content.schema).compile({ ...content.schema, __bundled__: operation.__bundled__ });
      } catch (error) {
        found.push({ spec, method: operation.method, path: operation.path, fault: String(error.message).slice(0, 300) });
      }
    }
  }
  return found;
}

(async () => {
  const found = (await Promise.all(process.argv.slice(2).map(check))).flat();
  console.log(JSON.stringify(found));
  process.exit(found.length === 0 ? 0 : 1);
})();
