/**
 * Where a learner could go if the running activity ended now, with what its content has reported so far. Until it ends the
 * sequencer knows nothing of that, so a second sequencer is asked, which nobody plays on.
 * @module
 */
import { toLoad } from "./cmi.js";

export class Outlook {
  /** @param {any} shadow an API like the one that is played on */
  constructor(shadow) { this.shadow = shadow; }

  /**
   * @param {any} api that is played on
   * @param {import("./run.js").Run} run under way
   * @returns {{process: any, decided: boolean}} the library's OverallSequencingProcess after the end of the activity, and whether post
   *   condition rules have already decided where any request leads
   */
  after(api, run) {
    const { shadow } = this;
    shadow.reset();
    shadow.deserializeSequencingState(api.serializeSequencingState());
    shadow.loadFromJSON(toLoad(run.capture()));
    shadow._runtimeSetCMIElements = api._runtimeSetCMIElements; // what was set in this run counts for more than what was there
    shadow.cmi.initialize();
    const process = shadow.getSequencingService().getOverallSequencingProcess();
    const { sessionEndReason, navResult } = process.prepareNavigationRequest("exit", null, api.cmi.getExitValueInternal());
    return { process, decided: Boolean(sessionEndReason ?? navResult.sequencingRequest) };
  }
}
