package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.endpoint;
import static ai.llmd.epp.application.producer.Requests.result;
import static ai.llmd.epp.application.producer.Requests.routed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.producer.P2pSourceProducer.Parameters;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class P2pSourceProducerTest {

  private static final Parameters DEFAULTS = P2pSourceProducer.TYPE.defaults();

  private final EndpointState a = endpoint(0);
  private final EndpointState b = endpoint(1);
  private final EndpointState c = endpoint(2);

  @Test
  void namesTheEndpointThatHoldsMost() {
    assertThat(source(DEFAULTS, "r", matches(0, 3, 7), a)).isEqualTo("10.0.0.3:8000");
  }

  @Test
  void namesNoSourceWhenTheComputingEndpointHoldsAsMuch() {
    assertThat(source(DEFAULTS, "r", matches(0, 0, 7), c)).isNull();
    assertThat(source(DEFAULTS, "r", matches(0, 7, 7), b)).isNull();
    assertThat(source(DEFAULTS, "r", matches(0, 0, 0), a)).isNull();
  }

  @Test
  void namesNoSourceForTooSmallAGain() {
    var wants130 = new Parameters("", 130, "prefill");
    assertThat(source(wants130, "r", matches(1, 0, 3), a)).isNull();
    assertThat(source(wants130, "r", matches(0, 0, 3), a)).isEqualTo("10.0.0.3:8000");
    var wants128 = new Parameters("", 128, "prefill");
    assertThat(source(wants128, "r", matches(1, 0, 3), a)).isEqualTo("10.0.0.3:8000");
  }

  @Test
  void choosesByTheRequestsIdAmongThoseWithinABlockOfTheMost() {
    // the FNV-1a hash of "a" is 0xe40c292c, in the upper half; both endpoints weigh the same
    assertThat(source(DEFAULTS, "a", matches(0, 6, 7), a)).isEqualTo("10.0.0.3:8000");
    String low = idBelow(0.5);
    assertThat(source(DEFAULTS, low, matches(0, 6, 7), a)).isEqualTo("10.0.0.2:8000");
    assertThat(source(DEFAULTS, low, matches(0, 5, 7), a)).isEqualTo("10.0.0.3:8000");
  }

  @Test
  void prefersShortQueues() {
    waiting(b, 3); // a quarter of c's weight: a fifth of the whole
    String fifth = idBelow(0.2);
    String more = idWithin(0.2, 1);
    assertThat(source(DEFAULTS, fifth, matches(0, 7, 7), a)).isEqualTo("10.0.0.2:8000");
    assertThat(source(DEFAULTS, more, matches(0, 7, 7), a)).isEqualTo("10.0.0.3:8000");
  }

  @Test
  void survivesAServerThatReportsNonsense() {
    waiting(b, -1);
    assertThat(source(DEFAULTS, idBelow(0.5), matches(0, 7, 7), a)).isEqualTo("10.0.0.2:8000");
  }

  @Test
  void comparesWithThePrefillEndpointWhenThereIsOne() {
    SchedulingCycle cycle = produced(DEFAULTS, "r", matches(0, 0, 7));
    var results = new ProfileResults();
    results.put("prefill", result(cycle, c));
    RoutedRequest routed = routed(cycle, results, a);
    new P2pSourceProducer("p2p", DEFAULTS).onRouted(routed);
    assertThat(routed.headers().toSet()).isEmpty();

    var other = new Parameters("", 1, "compute");
    RoutedRequest elsewhere = routed(produced(other, "r", matches(0, 0, 7)), results, a);
    new P2pSourceProducer("p2p", other).onRouted(elsewhere);
    assertThat(elsewhere.headers().toSet())
        .containsEntry(P2pSourceProducer.HEADER, "10.0.0.3:8000");
  }

  @Test
  void readsTheMatchesOfTheProducerThatItsParametersName() {
    var named = new Parameters("mine", 1, "prefill");
    assertThat(new P2pSourceProducer("p2p", named).requires())
        .containsExactly(PrefixMatches.key("mine"));
    assertThat(source(named, "r", matches(0, 0, 7), a)).as("no producer of that name").isNull();
    assertThat(new P2pSourceProducer("p2p", DEFAULTS).requires())
        .containsExactly(PrefixMatches.key("approx-prefix-cache-producer"));
  }

  @Test
  void takesTheClientsOwnHeaderAwayInAnyCase() {
    RoutedRequest routed = routed(cycle(withId("r"), a, b, c), a);
    new P2pSourceProducer("p2p", DEFAULTS).onRouted(routed);
    assertThat(routed.headers().isRemoved(P2pSourceProducer.HEADER)).isTrue();
  }

  @Test
  void isExperimentalAndRefusesAGainOfNothing() {
    assertThat(P2pSourceProducer.TYPE.stability()).isEqualTo(Stability.ALPHA);
    assertThatThrownBy(() -> new Parameters("", 0, "prefill"))
        .hasMessageContaining("minCachedTokenDelta");
  }

  @Test
  void fetchesFromTheMemoryOfHostsWhereTiersAreToldApart() {
    assertThat(source(DEFAULTS, "r", inHosts(new int[] {2, 9, 4}, 0, 0, 4), a))
        .isEqualTo("10.0.0.3:8000");
    assertThat(source(DEFAULTS, "r", inHosts(new int[] {4, 9, 4}, 0, 0, 4), a)).isNull();
    assertThat(source(DEFAULTS, "r", inHosts(new int[] {0, 9, 4}, 0, 0, 0), a)).isNull();
  }

  private static PrefixMatches inHosts(int[] cached, int... fetchable) {
    int[] totals = {10, 10, 10};
    return new PrefixMatches(cached, totals, new int[] {64, 64, 64}, cached, fetchable);
  }

  private static PrefixMatches matches(int... cachedBlocks) {
    return PrefixMatches.uniform(cachedBlocks, 10, 64);
  }

  private @Nullable String source(
      Parameters parameters, String requestId, PrefixMatches matches, EndpointState computing) {
    RoutedRequest routed = routed(produced(parameters, requestId, matches), computing);
    new P2pSourceProducer("p2p", parameters).onRouted(routed);
    return routed.headers().toSet().get(P2pSourceProducer.HEADER);
  }

  private SchedulingCycle produced(Parameters parameters, String requestId, PrefixMatches matches) {
    SchedulingCycle cycle = cycle(withId(requestId), a, b, c);
    cycle.facts().put(PrefixMatches.keyOrDefault(""), matches);
    new P2pSourceProducer("p2p", parameters).produce(cycle);
    return cycle;
  }

  private static void waiting(EndpointState endpoint, int requests) {
    endpoint.publish(
        before -> new EndpointLoad(requests, 0, 0, Set.of(), Set.of(), 0, 0, 0, Map.of(), 0, true));
  }

  private static String idBelow(double bound) {
    return idWithin(0, bound);
  }

  private static String idWithin(double from, double below) {
    for (int i = 0; ; i++) {
      double share = share("id-" + i);
      if (share >= from && share < below) {
        return "id-" + i;
      }
    }
  }

  /** The 32-bit FNV-1a hash with arithmetic that cannot overflow, over 2^32. */
  private static double share(String id) {
    long hash = 2_166_136_261L;
    for (int i = 0; i < id.length(); i++) {
      hash = ((hash ^ id.charAt(i)) * 16_777_619L) % 4_294_967_296L;
    }
    return hash / 4_294_967_296.0;
  }

  private static InferenceRequest withId(String requestId) {
    return new InferenceRequest(
        new ReceivedRequest(
            requestId,
            RequestHeaders.NONE,
            new ReceivedBody(ApiKind.CHAT_COMPLETIONS, "m", true, false, -1, List.of(), "", 0),
            RoutingHints.NONE),
        "m",
        0,
        "");
  }
}
