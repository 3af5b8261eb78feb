package ai.llmd.epp.application.degradation;

import ai.llmd.epp.application.port.out.DegradationObserver.Step;
import java.util.Set;

/** A plugin that knows by itself what decisions have to do without. */
public interface GivesUp {

  /** The steps that have a cause now. Any thread; never waits. */
  Set<Step> givenUp();
}
