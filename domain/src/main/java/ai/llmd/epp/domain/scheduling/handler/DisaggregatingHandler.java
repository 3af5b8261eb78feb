package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.ProfileResults;

/** A profile handler that may spread a request over several stages. */
public interface DisaggregatingHandler extends ProfileHandler {

  /**
   * What the handler decided for a request whose decode stage has succeeded.
   *
   * @param results as they were when the last profile had run
   */
  Disaggregation decided(ProfileResults results);

  /** The profiles whose picks it takes for the stages. */
  StageProfiles stages();
}
