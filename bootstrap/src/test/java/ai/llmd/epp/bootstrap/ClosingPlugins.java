package ai.llmd.epp.bootstrap;

import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutedRequest;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Plugins that hold something until they are closed; found like those of a stranger's jar. */
public final class ClosingPlugins implements PluginCatalogue {

  private record Event(String tag, String what) {}

  private static final Queue<Event> EVENTS = new ConcurrentLinkedQueue<>();

  private static final PluginType<Parameters> TYPE =
      PluginType.of("closing-follower", new Parameters(""), Follower::new);

  /** What happened to the plugin of this tag; no two tests use the same. */
  public static List<String> eventsOf(String tag) {
    return EVENTS.stream().filter(event -> event.tag.equals(tag)).map(Event::what).toList();
  }

  /** The name under which it shows in the events. */
  record Parameters(String tag) {}

  @Override
  public List<PluginType<?>> types() {
    return List.of(TYPE);
  }

  private record Follower(Parameters parameters)
      implements PreRequest, ResponseObserver, PoolObserver, AutoCloseable {

    private void note(String what) {
      EVENTS.add(new Event(parameters.tag, what));
    }

    @Override
    public void added(EndpointState endpoint) {
      note("met " + endpoint.endpoint().id().name());
    }

    @Override
    public ResponseObserver onRouted(RoutedRequest routed) {
      return this;
    }

    @Override
    public Map<String, Map<String, Object>> onEnd(ResponseSummary summary) {
      note("ended");
      return Map.of();
    }

    @Override
    public void close() {
      note("closed");
    }
  }
}
