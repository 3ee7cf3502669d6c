// Prints what AWS's validator finds in CloudFormation templates, a line each, and for each template a line with how
// many; ends with the number of templates in which it finds something. It takes seconds to start, and so takes many.
//   node .ci/cloudformation/lint.mjs FILE... [PARAMETER=VALUE...]
import { RegoEngine, TemplateFile } from "@aws/cloudformation-validate";

const given = process.argv.slice(2);
const parameters = given.filter((argument) => argument.includes("="));
const files = given.filter((argument) => !argument.includes("="));
const options = {
  severityLevel: "WARN",
  parameterOverrides: Object.fromEntries(parameters.map((parameter) => parameter.split(/=(.*)/s, 2))),
};
const engine = new RegoEngine();
let faulty = 0;

for (const file of files) {
  const { status, diagnostics } = engine.validateStandard(new TemplateFile(file), options);
  for (const { severity, ruleId, message, entity, propertyPath, startLine } of diagnostics) {
    console.log(`${file}:${startLine}: ${severity} ${ruleId} ${entity?.logicalId ?? ""} ${propertyPath ?? ""}: ${message}`);
  }
  console.log(`${file}: ${status} ${diagnostics.length}`);
  faulty += status === "OK" && diagnostics.length === 0 ? 0 : 1;
}
engine.free();
process.exitCode = faulty;
