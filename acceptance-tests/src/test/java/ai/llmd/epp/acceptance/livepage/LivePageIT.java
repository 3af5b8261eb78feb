package ai.llmd.epp.acceptance.livepage;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The live page in a real browser. Its pictures are kept in {@code target/live-page}. */
@SuppressWarnings("NullAway.Init") // start() sets everything
class LivePageIT {

  private static final String SECRET = "the-prompt-nobody-may-see";

  /** A model's name that would run a script where names are taken for markup. */
  private static final String HOSTILE = "<img src=x onerror=alert(1)>";

  private static final Path PICTURES = Path.of("target/live-page");

  private final List<ModelServer> servers = new ArrayList<>();
  private RunningPicker picker;
  private Chromium browser;
  private Tab tab;

  @BeforeEach
  void start() throws Exception {
    browser = Chromium.start();
    servers.add(ModelServer.start("vllm-0", "127.0.0.1").reports(0, 3, 0.25));
    servers.add(ModelServer.start("vllm-1", "127.0.0.1").reports(4, 8, 0.62));
    servers.add(ModelServer.start("vllm-2", "127.0.0.1").reports(1, 5, 0.97));
    picker = RunningPicker.start(configuration(), servers);
    tab = browser.tab();
    tab.show(1280, 1000, "light");
  }

  private static String configuration() {
    return RunningPicker.configuration(
            "queue-scorer", "kv-cache-utilization-scorer", "prefix-cache-scorer")
        .replace("- pluginRef: queue-scorer\n", "- {pluginRef: queue-scorer, weight: 2}\n")
        .replace(
            "- pluginRef: prefix-cache-scorer\n",
            "- {pluginRef: prefix-cache-scorer, weight: 3}\n");
  }

  @AfterEach
  void stop() {
    if (picker != null) {
      picker.close();
    }
    servers.forEach(ModelServer::close);
    if (browser != null) {
      browser.close();
    }
  }

  private String page() {
    return "http://127.0.0.1:" + picker.metricsPort() + "/";
  }

  private void ask(String id, String model) {
    Asking.route(
        picker,
        Map.of(
            ":path",
            "/v1/completions",
            "x-request-id",
            id,
            "x-llm-d-inference-fairness-id",
            "team-" + (id.hashCode() & 1)),
        completion(model, SECRET + " ".repeat(8) + "word ".repeat(400)));
  }

  private void askSome() {
    for (int i = 0; i < 6; i++) {
      ask("request-" + i, i == 2 ? HOSTILE : "llama-3.1-8b");
    }
  }

  private void open() {
    tab.go(page());
    tab.until("document.getElementById('connection')?.textContent === 'Live'");
    tab.until("document.querySelectorAll('#endpoints tr').length === 3");
    tab.until("document.querySelectorAll('#decisions tr').length === 6");
    tab.until("document.querySelectorAll('#tiles > div').length === 7");
  }

  @Test
  void showsThePoolAndDecisionsAsTheyCome() {
    askSome();
    open();

    ask("another", "qwen");

    tab.until("document.querySelector('#decisions tr a')?.textContent === 'another'");
    assertThat(tab.eval("document.getElementById('endpoints').innerText").asString())
        .contains("vllm-0", "vllm-1", "vllm-2", "Healthy", "62 %", "97 %");
    assertThat(tab.complaints()).isEmpty();
    assertThat(tab.requested())
        .isNotEmpty()
        .allMatch(address -> address.startsWith(page()) || address.startsWith("data:"));
  }

  @Test
  void showsNoPromptAndTakesNoNameForMarkup() {
    askSome();
    open();
    Set<String> shown = new LinkedHashSet<>();
    for (String view : List.of("#now", "#decision/request-2", "#replicas", "#configuration")) {
      tab.eval("location.hash = '" + view + "'");
      tab.until("!document.getElementById('view-' + location.hash.slice(1).split('/')[0]).hidden");
      if (view.startsWith("#decision")) {
        tab.until("document.querySelector('#decision .heat')");
      }
      shown.add(tab.eval("document.documentElement.outerHTML").asString());
    }

    assertThat(shown).hasSize(4).noneMatch(html -> html.contains(SECRET));
    assertThat(tab.eval("document.querySelectorAll('main img').length").asInt()).isZero();
    assertThat(tab.eval("document.getElementById('decisions').textContent").asString())
        .contains(HOSTILE);
    assertThat(tab.complaints()).isEmpty();
  }

  @Test
  void opensADecisionByKeyboardAndTriesOtherWeights() {
    askSome();
    open();

    tab.eval("document.querySelector('#decisions tr:last-child a').focus()");
    tab.press("Enter", 13, "\r");

    tab.until("document.querySelectorAll('#decision .heat tbody tr').length === 3");
    assertThat(tab.eval("document.activeElement.id").asString()).isEqualTo("decision-title");
    assertThat(tab.eval("document.querySelector('#decision .why').textContent").asString())
        .contains("Went to vllm-0");
    assertThat(tab.eval("document.querySelector('#decision .picked th').textContent").asString())
        .startsWith("vllm-0");
    String sums =
        "[...document.querySelectorAll('#decision td.total')].map(cell => cell.textContent).join()";
    String recorded = tab.eval(sums).asString();

    tab.eval("document.querySelector('input[type=range]').focus()");
    tab.press("Home", 36, "");

    tab.until(
        "document.querySelector('#decision [role=status]').textContent.includes('With these')");
    assertThat(tab.eval("document.querySelector('th .weight').textContent").asString())
        .isEqualTo("× 0");
    assertThat(tab.eval(sums).asString()).isNotEqualTo(recorded);

    tab.eval("document.querySelector('.verdict button').click()");

    assertThat(tab.eval(sums).asString()).isEqualTo(recorded);
    assertThat(tab.complaints()).isEmpty();
  }

  @Test
  void filtersWhatIsListed() {
    askSome();
    open();

    tab.eval(
        "(() => { const field = document.querySelector('[name=model]'); field.value = 'img src';"
            + " field.dispatchEvent(new Event('input', {bubbles: true})); })()");

    tab.until("document.querySelectorAll('#decisions tr').length === 1");
    tab.eval("document.querySelector('#filters [type=reset]').click()");
    tab.until("document.querySelectorAll('#decisions tr').length === 6");
  }

  @Test
  void survivesThePickersRestart() {
    askSome();
    open();
    int port = picker.metricsPort();

    picker.close();
    tab.until("document.getElementById('connection').textContent !== 'Live'");
    picker = RunningPicker.start(configuration(), servers, "--metrics-port=" + port);
    ask("after", "llama-3.1-8b");

    tab.until("document.getElementById('connection').textContent === 'Live'");
    tab.until("document.querySelectorAll('#decisions tr').length === 1");
    tab.until("document.querySelector('#decisions tr a').textContent === 'after'");
    assertThat(tab.complaints()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void peopleWhoSeeOrClickDifferentlyCanUseIt(String scheme) throws IOException {
    askSome();
    tab.show(1280, 1000, scheme);
    open();
    tab.eval(axe());
    for (String view : List.of("#now", "#decision/request-0", "#replicas", "#configuration")) {
      tab.eval("location.hash = '" + view + "'");
      tab.until("!document.getElementById('view-' + location.hash.slice(1).split('/')[0]).hidden");
      if (view.startsWith("#decision")) {
        tab.until("document.querySelector('#decision .heat')");
      }
      tab.eval("document.getAnimations().forEach(one => one.finish())");
      tab.picture(PICTURES.resolve(scheme + "-" + name(view) + ".png"));
      JsonNode found =
          tab.eval(
              "axe.run().then(found => found.violations"
                  + ".filter(one => ['serious', 'critical'].includes(one.impact))"
                  + ".map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' ')))");
      assertThat(found.toString()).as(view).isEqualTo("[]");
    }
  }

  private static String name(String view) {
    int end = view.indexOf('/');
    return view.substring(1, end < 0 ? view.length() : end);
  }

  private static String axe() throws IOException {
    try (InputStream script = LivePageIT.class.getResourceAsStream("/axe.min.js")) {
      return new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void fitsAPhone() throws IOException {
    askSome();
    tab.show(360, 1400, "light");
    open();
    for (String view : List.of("#now", "#decision/request-0", "#replicas", "#configuration")) {
      tab.eval("location.hash = '" + view + "'");
      tab.until("!document.getElementById('view-' + location.hash.slice(1).split('/')[0]).hidden");
      if (view.startsWith("#decision")) {
        tab.until("document.querySelector('#decision .heat')");
      }
      tab.picture(PICTURES.resolve("narrow-" + name(view) + ".png"));
      assertThat(tab.eval("document.documentElement.scrollWidth").asInt())
          .as(view)
          .isLessThanOrEqualTo(360);
    }
  }
}
