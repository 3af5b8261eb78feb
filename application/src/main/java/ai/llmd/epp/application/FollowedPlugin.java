package ai.llmd.epp.application;

import ai.llmd.epp.application.port.out.PluginFaults;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A plugin's observer behind a guard: what it throws is reported and harms nobody else, and its end
 * comes once only, whoever calls.
 */
final class FollowedPlugin implements ResponseObserver {

  private static final String ON_HEADERS = "ResponseReceived";
  private static final String ON_BODY = "ResponseStreaming";

  private final Named<PreRequest> plugin;
  private final ResponseObserver observer;
  private final PluginFaults faults;
  private final AtomicBoolean hasEnded = new AtomicBoolean();

  FollowedPlugin(Named<PreRequest> plugin, ResponseObserver observer, PluginFaults faults) {
    this.plugin = plugin;
    this.observer = observer;
    this.faults = faults;
  }

  @Override
  public void onHeaders(ResponseHead head) {
    try {
      observer.onHeaders(head);
    } catch (Throwable thrown) {
      report(ON_HEADERS, thrown);
    }
  }

  @Override
  public void onFirstBytes() {
    try {
      observer.onFirstBytes();
    } catch (Throwable thrown) {
      report(ON_BODY, thrown);
    }
  }

  @Override
  public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
    if (hasEnded.getAndSet(true)) {
      return Map.of();
    }
    try {
      return Objects.requireNonNull(observer.onEnd(summary), "metadata");
    } catch (Throwable thrown) {
      report(ON_BODY, thrown);
      return Map.of();
    }
  }

  private void report(String extensionPoint, Throwable thrown) {
    faults.failed(extensionPoint, plugin.name(), plugin.type(), Failures.contain(thrown));
  }
}
