package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.rewrite.ModelRewrite;
import java.util.Collection;

/** Takes the rules by which models are replaced. */
public interface KeepRewrites {

  /** Replaces all rewrites by these. One thread at a time. */
  void keepRewrites(Collection<ModelRewrite> rewrites);
}
