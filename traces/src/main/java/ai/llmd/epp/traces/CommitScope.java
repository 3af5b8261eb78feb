package ai.llmd.epp.traces;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.trace.data.DelegatingSpanData;
import io.opentelemetry.sdk.trace.data.SpanData;

/** A span whose scope shows the commit, which a tracer of the SDK has no way to declare. */
final class CommitScope extends DelegatingSpanData {

  private final Attributes attributes;

  private CommitScope(SpanData span, Attributes attributes) {
    super(span);
    this.attributes = attributes;
  }

  static SpanData of(SpanData span, String commit) {
    return new CommitScope(span, Attributes.builder().put("commit-sha", commit).build());
  }

  @Override
  public InstrumentationScopeInfo getInstrumentationScopeInfo() {
    InstrumentationScopeInfo scope = super.getInstrumentationScopeInfo();
    var changed = InstrumentationScopeInfo.builder(scope.getName()).setAttributes(attributes);
    if (scope.getVersion() != null) {
      changed.setVersion(scope.getVersion());
    }
    return changed.build();
  }
}
