package ai.llmd.epp.adapter.metrics.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.metrics.models.ModelsDataSource.Parameters;
import ai.llmd.epp.adapter.metrics.scrape.CoreMetricsExtractor;
import ai.llmd.epp.adapter.metrics.scrape.MetricsScraper;
import ai.llmd.epp.adapter.metrics.scrape.ScrapeObserver;
import ai.llmd.epp.adapter.metrics.scrape.ScrapePauses;
import ai.llmd.epp.adapter.metrics.scrape.ScrapeSettings;
import ai.llmd.epp.adapter.metrics.scrape.ScrapedSource;
import ai.llmd.epp.application.port.in.NotePolls;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.facts.ServedModels;
import ai.llmd.epp.domain.facts.ServedModels.Model;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists of models, from a server's page to what plugins read. */
class ModelsDataSourceTest {

  private static final Parameters EVERY_TICK =
      new Parameters("http", "/v1/models", true, "", "", "", Duration.ZERO);

  private final ModelsDataExtractor extractor = new ModelsDataExtractor();
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger extractErrors = new AtomicInteger();
  private final AtomicInteger samples = new AtomicInteger();
  private volatile String page = "{\"data\": [{\"id\": \"base\"}]}";
  private HttpServer server;
  private MetricsScraper scraper;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = page.getBytes(UTF_8);
          asked.add(
              exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Accept"));
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
          requests.incrementAndGet();
        });
    server.start();
    scraper = scraper(EVERY_TICK);
  }

  @AfterEach
  void stop() {
    scraper.close();
    server.stop(0);
  }

  private MetricsScraper scraper(Parameters parameters) {
    return new MetricsScraper(
        ScrapeSettings.DEFAULTS.withTick(Duration.ofMillis(20)),
        List.of(new ScrapedSource(new ModelsDataSource(parameters), List.of(extractor))),
        new ScrapeObserver() {
          @Override
          public void pollError(String sourceType) {}

          @Override
          public void extractError(String sourceType, String extractorType) {
            assertThat(sourceType + " " + extractorType)
                .isEqualTo("models-data-source models-data-extractor");
            extractErrors.incrementAndGet();
          }
        },
        new Polls(),
        new ScrapePauses(),
        System::nanoTime);
  }

  private final class Polls implements NotePolls {

    @Override
    public void sampled(EndpointState endpoint) {
      samples.incrementAndGet();
    }

    @Override
    public void lost(EndpointState endpoint) {}

    @Override
    public void answered(EndpointState endpoint) {}

    @Override
    public void refused(EndpointState endpoint) {}

    @Override
    public void unreachable(EndpointState endpoint) {}

    @Override
    public void unanswered(EndpointState endpoint) {}
  }

  private EndpointState endpoint(int slot) {
    return new EndpointState(
        slot,
        1,
        Endpoint.of(
            new EndpointId("ns", "e" + slot),
            "127.0.0.1",
            server.getAddress().getPort(),
            Map.of()));
  }

  private @Nullable List<String> idsAt(int slot) {
    SchedulingCycle cycle = new CycleFixture().build();
    extractor.produce(cycle);
    List<Model> models = Objects.requireNonNull(cycle.facts().get(ServedModels.KEY)).at(slot);
    return models == null ? null : models.stream().map(Model::id).toList();
  }

  @Test
  void aPluginReadsWhatAnEndpointServes() {
    scraper.added(endpoint(2));
    await().untilAsserted(() -> assertThat(idsAt(2)).containsExactly("base"));
    assertThat(idsAt(0)).isNull();
    assertThat(idsAt(3)).isNull();
    assertThat(asked).containsExactly("/v1/models application/json");

    page = "{\"data\": [{\"id\": \"base\"}, {\"id\": \"lora\", \"parent\": \"base\"}]}";
    await().untilAsserted(() -> assertThat(idsAt(2)).containsExactly("base", "lora"));
    assertThat(samples).as("samples of a load").hasValue(0);
    assertThat(extractErrors).hasValue(0);
  }

  @Test
  void aPageThatIsNoListIsCountedAndTheListBeforeItStays() {
    EndpointState endpoint = endpoint(0);
    scraper.added(endpoint);
    await().untilAsserted(() -> assertThat(idsAt(0)).containsExactly("base"));
    page = "<html>";
    await().until(() -> extractErrors.get() > 0);
    assertThat(idsAt(0)).containsExactly("base");
    assertThat(endpoint.load().isSampled()).isFalse();

    page = " ".repeat(2 << 20) + "{\"data\": []}";
    int before = requests.get();
    await().until(() -> requests.get() > before);
    assertThat(idsAt(0)).containsExactly("base");
  }

  @Test
  void theNextEndpointOfASlotServesNothingUntilItWasRead() {
    page = "{\"data\": [{\"id\": \"old\"}]}";
    EndpointState endpoint = endpoint(1);
    scraper.added(endpoint);
    await().untilAsserted(() -> assertThat(idsAt(1)).containsExactly("old"));
    var released = new AtomicInteger();
    scraper.removed(endpoint, released::incrementAndGet);
    await().until(() -> released.get() == 1);
    extractor.removed(endpoint, released::incrementAndGet);
    assertThat(released).hasValue(2);
    assertThat(idsAt(1)).isNull();

    extractor.read(endpoint, page.getBytes(UTF_8), page.length(), problem -> {}); // came late
    extractor.added(endpoint(1));
    assertThat(idsAt(1)).isNull();
  }

  @Test
  void isPolledOnceASecondUnlessConfiguredOtherwise() {
    assertThat(new ModelsDataSource(ModelsDataSource.TYPE.defaults()).interval())
        .isEqualTo(Duration.ofSeconds(1));
    var seldom = new Parameters("http", "/v1/models", true, "", "", "", Duration.ofHours(1));
    assertThat(new ModelsDataSource(seldom).interval()).isEqualTo(Duration.ofHours(1));
    assertThat(new ModelsDataSource(seldom).isOfLoads())
        .as("stretches how old a load may be")
        .isFalse();
  }

  @Test
  void refusesWhatNoPageCanHave() {
    assertThatThrownBy(() -> parameters("ftp", "/", "", "")).hasMessageContaining("scheme");
    assertThatThrownBy(() -> parameters("http", "models", "", "")).hasMessageContaining("path");
    assertThatThrownBy(() -> parameters("https", "/", "c.pem", ""))
        .hasMessageContaining("clientKeyPath");
    assertThatThrownBy(
            () ->
                new ModelsDataSource(
                    new Parameters("https", "/", false, "/nowhere.pem", "", "", Duration.ZERO)))
        .hasMessageContaining("caCertPath");
  }

  @Test
  void feedsOnlyExtractorsThatReadWholePages() {
    var core = new CoreMetricsExtractor(CoreMetricsExtractor.Parameters.DEFAULTS);
    var source = new ModelsDataSource(EVERY_TICK);
    assertThat(source.feeds(extractor)).isTrue();
    assertThat(source.feeds(core)).isFalse();
    assertThatThrownBy(() -> new ScrapedSource(source, List.of(core)))
        .hasMessage("extractor core-metrics-extractor cannot read pages of models-data-source");
    assertThat(ModelsDataSource.TYPE.stability()).isEqualTo(Stability.BETA);
  }

  private static Parameters parameters(String scheme, String path, String cert, String key) {
    return new Parameters(scheme, path, true, "", cert, key, Duration.ZERO);
  }
}
