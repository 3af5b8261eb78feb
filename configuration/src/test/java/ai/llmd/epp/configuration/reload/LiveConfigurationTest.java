package ai.llmd.epp.configuration.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.port.in.PartsLease;
import ai.llmd.epp.application.port.out.EncoderCacheObserver;
import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.producer.PrefixRecorder;
import ai.llmd.epp.configuration.ConfigurationLoader;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.configuration.plugin.PluginServices;
import ai.llmd.epp.configuration.reload.LiveConfiguration.Change;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveConfigurationTest {

  private record Event(String tag, String what) {}

  private record Parameters(String tag) {}

  private final Queue<Event> events = new ConcurrentLinkedQueue<>();

  /** Notes what happens to it. */
  private final class Follower implements PreRequest, PoolObserver, AutoCloseable {

    private final String tag;

    Follower(Parameters parameters) {
      tag = parameters.tag();
    }

    @Override
    public void added(EndpointState endpoint) {
      events.add(new Event(tag, "met " + endpoint.endpoint().id().name()));
    }

    @Override
    public @Nullable ResponseObserver onRouted(RoutedRequest routed) {
      return null;
    }

    @Override
    public void close() {
      events.add(new Event(tag, "closed"));
    }
  }

  /** Parts that have a number; whether they run is noted. */
  private final class Numbered implements RunningParts<Integer> {

    private final int number;

    Numbered(int number) {
      this.number = number;
    }

    @Override
    public Integer parts() {
      return number;
    }

    @Override
    public List<PoolObserver> observers(List<PoolObserver> plugins) {
      return plugins;
    }

    @Override
    public Numbered successor(EffectiveConfiguration next) {
      return new Numbered(number + 1);
    }

    @Override
    public void stop() {
      events.add(new Event("parts " + number, "stopped"));
    }
  }

  /** The names of those that are shown. */
  private final Set<String> producers = new ConcurrentSkipListSet<>();

  private final PrefixObserver prefixes =
      new PrefixObserver() {
        @Override
        public Hits producing(String producer, String type, LongSupplier indexedBlocks) {
          producers.add(producer);
          return Hits.NONE;
        }

        @Override
        public void gone(String producer) {
          producers.remove(producer);
        }
      };

  private final LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);
  private final DraftBuilder drafts =
      new DraftBuilder(
          new ConfigurationLoader(registry(), false),
          List.of(),
          List.of(),
          services(),
          settings -> new SharedState(settings.budget()));
  private final Draft first = first();
  private final LiveConfiguration<Integer> live =
      new LiveConfiguration<>(drafts, first, new Numbered(1), pool, prefixes);

  private PluginRegistry registry() {
    List<PluginCatalogue> catalogues = new ArrayList<>();
    ServiceLoader.load(PluginCatalogue.class).forEach(catalogues::add);
    catalogues.add(
        () -> List.of(PluginType.of("closing-follower", new Parameters(""), Follower::new)));
    return PluginRegistry.of(catalogues);
  }

  private static PluginServices services() {
    return PluginServices.of(
        Map.of(
            LocalChanges.class,
            LocalChanges.NONE,
            PrefixRecorder.class,
            new PrefixRecorder(1, failure -> {}),
            InFlightObserver.class,
            (InFlightObserver) (producer, endpoint, labels, tokens, entry) -> entry,
            EncoderCacheObserver.class,
            EncoderCacheObserver.NONE,
            SampleAge.class,
            SampleAge.BY_CLOCK,
            RandomGenerator.class,
            new Random(1),
            LongSupplier.class,
            (LongSupplier) () -> 0));
  }

  private Draft first() {
    try {
      return drafts.first(new YamlSource("test", "plugins: []"));
    } catch (InvalidDocumentException e) {
      throw new AssertionError(e);
    }
  }

  private Change replace(String text) {
    try {
      return live.replace(new YamlSource("test", text));
    } catch (InvalidDocumentException e) {
      throw new AssertionError(e);
    }
  }

  private static String follower(String tag) {
    return "plugins: [{type: closing-follower, parameters: {tag: " + tag + "}}]";
  }

  private List<String> eventsOf(String tag) {
    return events.stream().filter(event -> event.tag().equals(tag)).map(Event::what).toList();
  }

  private static Endpoint pod(String name) {
    return Endpoint.of(new EndpointId("", name), "127.0.0.1", 1, Map.of());
  }

  @AfterEach
  void stop() {
    live.close();
  }

  @Test
  void tellsKeptBuiltAndRemovedPluginsApart() {
    Change change = replace("plugins: [{type: queue-scorer}, {type: random-picker}]");

    assertThat(change.kept()).contains("single-profile-handler", "openai-parser");
    assertThat(change.built()).containsExactly("queue-scorer", "random-picker");
    assertThat(change.removed()).containsExactly("max-score-picker");
  }

  @Test
  void lendsWhatIsInForceWhenAStreamBegins() {
    PartsLease<Integer> early = live.lend();
    replace(follower("lent"));
    PartsLease<Integer> late = live.lend();

    assertThat(early.parts()).isEqualTo(1);
    assertThat(late.parts()).isEqualTo(2).isEqualTo(live.current());
    assertThat(eventsOf("parts 1")).containsExactly("stopped");
    early.release();
    late.release();
  }

  @Test
  void aPluginThatIsGoneObservesThePoolUntilTheLastStreamThatUsesItHasEnded() {
    pool.keep(List.of(pod("a")));
    replace(follower("lingering"));
    PartsLease<Integer> stream = live.lend();
    replace(follower("next"));

    pool.keep(List.of(pod("a"), pod("b")));
    assertThat(eventsOf("lingering")).containsExactly("met a", "met b");
    assertThat(eventsOf("next")).containsExactly("met a", "met b");

    stream.release();
    await().until(() -> eventsOf("lingering").contains("closed"));
    pool.keep(List.of(pod("a"), pod("b"), pod("c")));
    assertThat(eventsOf("lingering")).endsWith("met b", "closed");
    assertThat(eventsOf("next")).endsWith("met c");
  }

  @Test
  void aPluginOfSeveralConfigurationsIsClosedOnceWhenTheLastStreamOfAnyHasEnded() {
    replace(follower("shared"));
    PartsLease<Integer> early = live.lend();
    replace(follower("shared").replace("]", ", {type: queue-scorer}]"));
    PartsLease<Integer> late = live.lend();
    replace("plugins: []");

    late.release();
    replace("plugins: [{type: queue-scorer}]"); // looks for unused plugins on this thread
    assertThat(eventsOf("shared")).isEmpty();

    early.release();
    await().until(() -> eventsOf("shared").contains("closed"));
    replace("plugins: []");
    assertThat(eventsOf("shared")).containsExactly("closed");
  }

  @Test
  void aPluginIsClosedAtOnceWhenNoStreamUsesIt() {
    replace(follower("unused"));
    replace("plugins: []");

    assertThat(eventsOf("unused")).containsExactly("closed");
  }

  @Test
  void aRefusedConfigurationLeavesNoTrace() {
    String producer = "{type: approx-prefix-cache-producer}";

    assertThatThrownBy(() -> replace("plugins: [" + producer + ", {type: queue-scorrer}]"))
        .hasRootCauseInstanceOf(InvalidDocumentException.class);
    assertThat(producers).isEmpty();
    assertThat(first.state().prefixIndexes()).isEmpty();
    assertThat(live.current()).isEqualTo(1);

    replace("plugins: [" + producer + "]");
    assertThat(producers).containsExactly("approx-prefix-cache-producer");
    replace("plugins: []");
    assertThat(producers).isEmpty();
  }

  @Test
  void whatPluginsLearnedStaysWithThoseThatAreKept() {
    String producer = "plugins: [{type: approx-prefix-cache-producer}%s]";
    replace(producer.formatted(""));
    var learned = first.state().prefixIndex("approx-prefix-cache-producer");

    replace(producer.formatted(", {type: queue-scorer}"));
    assertThat(first.state().prefixIndex("approx-prefix-cache-producer")).isSameAs(learned);

    replace("plugins: []");
    assertThat(first.state().prefixIndexes()).isEmpty();
  }

  @Test
  void nothingReplacesWhatIsStopped() {
    live.close();

    assertThatThrownBy(() -> replace(follower("late"))).hasMessageContaining("stops");
    assertThat(eventsOf("late")).containsExactly("closed");
  }
}
