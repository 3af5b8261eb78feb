package ai.llmd.epp.application;

import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A plugin's observer behind {@link PluginCalls}: what it throws harms no other observer, and its
 * end comes only once, whoever calls.
 */
final class GuardedObserver implements ResponseObserver {

  private static final String ON_HEADERS = "ResponseReceived";
  private static final String ON_BODY = "ResponseStreaming";

  private final Named<ResponseObserver> observer;
  private final PluginCalls calls;
  private final AtomicBoolean hasEnded = new AtomicBoolean();

  /**
   * @param observer under the name of the plugin that it belongs to
   */
  GuardedObserver(Named<ResponseObserver> observer, PluginCalls calls) {
    this.observer = observer;
    this.calls = calls;
  }

  @Override
  public void onHeaders(ResponseHead head) {
    calls.run(ON_HEADERS, observer, plugin -> plugin.onHeaders(head));
  }

  @Override
  public void onFirstBytes() {
    calls.run(ON_BODY, observer, ResponseObserver::onFirstBytes);
  }

  @Override
  public void onAnswerId(String id) {
    calls.run(ON_BODY, observer, plugin -> plugin.onAnswerId(id));
  }

  @Override
  public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
    if (hasEnded.getAndSet(true)) {
      return Map.of();
    }
    Called<Map<String, Map<String, Object>>> called =
        calls.call(
            ON_BODY, observer, plugin -> Objects.requireNonNull(plugin.onEnd(summary), "metadata"));
    return called instanceof Called.Returned(var metadata, var ignored) ? metadata : Map.of();
  }
}
