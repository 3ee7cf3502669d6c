// Prints what AWS's validator finds in a CloudFormation template, a line each; ends with 1 where it finds something.
//   node .ci/cloudformation/lint.mjs FILE [PARAMETER=VALUE...]
import { RegoEngine, TemplateFile } from "@aws/cloudformation-validate";

const [file, ...parameters] = process.argv.slice(2);
const engine = new RegoEngine();
const report = engine.validateStandard(new TemplateFile(file), {
  severityLevel: "WARN",
  parameterOverrides: Object.fromEntries(parameters.map((parameter) => parameter.split(/=(.*)/s, 2))),
});
engine.free();

for (const { severity, ruleId, message, entity, propertyPath, startLine } of report.diagnostics) {
  console.log(`${file}:${startLine}: ${severity} ${ruleId} ${entity?.logicalId ?? ""} ${propertyPath ?? ""}: ${message}`);
}
if (report.status !== "OK") {
  console.log(`${file}: ${report.status}`);
}
process.exitCode = report.status === "OK" && report.diagnostics.length === 0 ? 0 : 1;
