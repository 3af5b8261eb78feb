package ai.llmd.epp.application;

import ai.llmd.epp.application.port.in.KeepRewrites;
import ai.llmd.epp.domain.rewrite.ModelRewrite;
import ai.llmd.epp.domain.rewrite.RewriteRules;
import java.util.Collection;

/** The rewrites in force. Readers never wait: an index is built for each change. */
public final class LiveRewrites implements KeepRewrites {

  private volatile RewriteRules current = RewriteRules.NONE;

  /** The rules as of now; hold one value for a whole request. */
  public RewriteRules current() {
    return current;
  }

  @Override
  public void keepRewrites(Collection<ModelRewrite> rewrites) {
    current = RewriteRules.of(rewrites);
  }
}
