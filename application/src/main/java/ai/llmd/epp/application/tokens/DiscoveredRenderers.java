package ai.llmd.epp.application.tokens;

import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.producer.TokenProducer.EndpointDiscovery;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The pool's endpoints as renderers: those that have a port for it, and room enough for prompts.
 * The pool's thread writes, any reads without waiting.
 */
final class DiscoveredRenderers implements PoolObserver, Supplier<List<URI>> {

  private static final int MAX_PORT = 65_535;
  private static final int NONE = -1;

  /** Where endpoints render that a selector matches. */
  private record Rule(LabelSelectorFilter selector, int basePort) {}

  private final EndpointDiscovery settings;
  private final List<Rule> rules;
  private final Map<Integer, URI> bySlot = new TreeMap<>(); // the pool's thread
  private volatile List<URI> renderers = List.of();

  DiscoveredRenderers(EndpointDiscovery settings) {
    this.settings = settings;
    this.rules =
        settings.portRules().stream()
            .map(rule -> new Rule(new LabelSelectorFilter(rule.selector()), rule.basePort()))
            .toList();
  }

  @Override
  public List<URI> get() {
    return renderers;
  }

  @Override
  public synchronized void added(EndpointState endpoint) {
    changed(endpoint);
  }

  @Override
  public synchronized void changed(EndpointState state) {
    Endpoint endpoint = state.endpoint();
    int port = hasRoom(endpoint) && !endpoint.address().isEmpty() ? port(endpoint) : NONE;
    if (port == NONE) {
      bySlot.remove(state.slot());
    } else {
      bySlot.put(state.slot(), URI.create("http://" + Endpoint.hostPort(endpoint.address(), port)));
    }
    renderers = new ArrayList<>(bySlot.values());
  }

  @Override
  public synchronized void removed(EndpointState endpoint, Runnable released) {
    bySlot.remove(endpoint.slot());
    renderers = new ArrayList<>(bySlot.values());
    released.run();
  }

  private int port(Endpoint endpoint) {
    if (rules.isEmpty()) {
      return endpoint.port();
    }
    for (Rule rule : rules) {
      if (rule.selector().matches(endpoint.labels())) {
        int port = rule.basePort() + endpoint.rank();
        return port > MAX_PORT ? NONE : port;
      }
    }
    return NONE;
  }

  private boolean hasRoom(Endpoint endpoint) {
    if (settings.contextLimitLabel().isEmpty()) {
      return true;
    }
    String limit = endpoint.labels().getOrDefault(settings.contextLimitLabel(), "");
    boolean isNumber =
        !limit.isEmpty()
            && limit.length() < 10
            && limit.chars().allMatch(c -> c >= '0' && c <= '9');
    int tokens = isNumber ? Integer.parseInt(limit) : 0;
    return tokens > 0 && tokens >= settings.minModelLen();
  }
}
