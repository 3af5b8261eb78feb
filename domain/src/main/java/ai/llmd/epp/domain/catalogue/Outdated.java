package ai.llmd.epp.domain.catalogue;

import java.util.List;

/** Parameters that are still understood but should be written in another way. */
public interface Outdated {

  /** What to change, a sentence each; none when all is up to date. */
  List<String> deprecations();
}
