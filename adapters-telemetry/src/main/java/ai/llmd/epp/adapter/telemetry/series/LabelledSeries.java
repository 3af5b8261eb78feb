package ai.llmd.epp.adapter.telemetry.series;

import ai.llmd.epp.adapter.telemetry.series.LabelLimits.RequestKey;

/** Series whose labels clients choose. */
public interface LabelledSeries {

  /** Drops the series of names and combinations that are shown no more. */
  void retain(LabelLimits shown);

  /** Whether something is counted under a combination that has yet to be counted off again. */
  default boolean isInUse(RequestKey key) {
    return false;
  }
}
