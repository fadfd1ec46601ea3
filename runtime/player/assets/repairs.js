/**
 * Where scorm-again 3.4.3 does otherwise than SCORM 2004 4th edition, put right from outside. Each repair says what it is about; the cases
 * of ADL's test suite that show it are in test/adl.
 * @module
 */
import { repairDataModel } from "./repairs-datamodel.js";
import { repairSequencing } from "./repairs-sequencing.js";

/** @param {any} api a Scorm2004API with sequencing, before it is used @param {any} structure the course's */
export function repair(api, structure) {
  repairDataModel(api);
  repairSequencing(api, structure);
}
